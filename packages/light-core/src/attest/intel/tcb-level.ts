import { equal, toHex } from '@perigee/wire';
import { refuse } from '../code.ts';
import { isMasked } from './masked.ts';
import type { PckPlatform } from './pck.ts';
import type { PlatformLevel, SvnLevel, TcbInfo } from './tcb-info.ts';
import type { TdReport } from './td-report.ts';

/** Of the TDX SVNs, those of the module: they are judged by its identity where it has one. */
const MODULE_SVNS = 2;

/**
 * The first level all of whose SVNs the platform has at least (Intel PCS API v4, "Get TCB Info").
 *
 * @param td its report; `undefined` for SGX
 * @throws ATTESTATION (TCB_LEVEL)
 */
export function platformLevelOf(info: TcbInfo, platform: PckPlatform, td: TdReport | undefined): PlatformLevel {
  const level = info.levels.find(
    ({ sgxSvns, pceSvn, tdxSvns }) =>
      isAtLeast(platform.cpuSvns, sgxSvns) &&
      platform.pceSvn >= pceSvn &&
      (td === undefined ||
        (tdxSvns !== undefined && isAtLeast(td.teeTcbSvn, tdxSvns, moduleVersionOf(td) > 0 ? MODULE_SVNS : 0))),
  );
  if (level === undefined) throw refuse('TCB_LEVEL', 'the firmware of the platform is unknown');
  return level;
}

/**
 * The TDX module is one that Intel signed, of the version that it reports.
 *
 * @returns the level of its version; none for the first modules, which have that of the platform
 * @throws ATTESTATION (MODULE, ATTRIBUTES, TCB_LEVEL)
 */
export function moduleLevelOf(info: TcbInfo, td: TdReport): readonly SvnLevel[] {
  const version = moduleVersionOf(td);
  const id = `TDX_${toHex(td.teeTcbSvn.subarray(1, 2)).toUpperCase()}`;
  const identity = info.modules.find((one) => one.id === id);
  const module = version > 0 ? identity : info.module;
  if (module === undefined) throw refuse('MODULE', `TDX module ${id} is unknown`);
  if (!equal(td.mrSignerSeam, module.mrSigner)) throw refuse('MODULE', `the TDX module was signed by ${toHex(td.mrSignerSeam)}`);
  if (!isMasked(td.seamAttributes, module.attributes, module.attributesMask))
    throw refuse('ATTRIBUTES', 'the TDX module has other attributes than its identity');
  if (version === 0) return [];
  const svn = td.teeTcbSvn[0] as number;
  const level = identity?.levels.find(({ isvSvn }) => svn >= isvSvn);
  if (level === undefined) throw refuse('TCB_LEVEL', `version ${svn} of TDX module ${id} is unknown`);
  return [level];
}

function moduleVersionOf({ teeTcbSvn }: TdReport): number {
  return teeTcbSvn[1] as number;
}

/** Whether each SVN from a place on is at least the one due. */
export function isAtLeast(svns: ArrayLike<number>, due: readonly number[], from = 0): boolean {
  return due.every((svn, i) => i < from || (svns[i] ?? -1) >= svn);
}
