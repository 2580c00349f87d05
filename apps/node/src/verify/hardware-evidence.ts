import { resolve } from 'node:path';
import { decodeGenesis } from '@perigee/chain';
import type { CollateralFolder } from '@perigee/compute/collateral';
import {
  type AttestationReport,
  type AttestSubtle,
  type Check,
  type EvidenceOptions,
  type Floors,
  type Roots,
  webCryptoAttest,
} from '@perigee/light-core/attest';
import { chainFloorsOf, subjectOfEvidence } from '@perigee/light-core/attest/bundle';
import { rootsOfDevelopment } from '@perigee/light-core/attest/development';
import { type EvidenceFiles, type EvidenceFinding, plainReport, verifyEvidenceFile } from '@perigee/light-core/attest/file';
import { parseTrustRoot } from '@perigee/light-core/comet';
import { equal, MAX_ATTESTATION_FILE_BYTES, PerigeeError, toHex } from '@perigee/wire';
import type { Output } from '../cli/output.ts';
import { collateralFolder } from '../collateral.ts';
import { readFileOf } from '../files.ts';
import { readTrustRootFile } from '../trust.ts';

export interface HardwareEvidenceOptions {
  /** Where collateral is kept, and the numbers below which none is taken. */
  readonly home: string;
  /** Path of a file with what the vendor has signed. */
  readonly collateral: string | undefined;
  /** Path of a genesis: of a development chain, whose keys vouch for simulated evidence. */
  readonly genesis: string | undefined;
  /** Path of the trust root that the genesis must be of. */
  readonly chain: string | undefined;
  /** Time as of which it is judged, milliseconds since 1970. */
  readonly timeMs: number;
}

/** @throws UNSUPPORTED before a file is read that is longer than any that is known */
export function checkHardwareEvidenceSize(path: string, size: number): void {
  if (size <= MAX_ATTESTATION_FILE_BYTES) return;
  const words = `${path} is unknown: evidence of hardware has at most ${MAX_ATTESTATION_FILE_BYTES} bytes, and it has ${size}`;
  throw new PerigeeError('UNSUPPORTED', words);
}

/**
 * Verifies evidence of hardware, and says what each check found.
 *
 * @throws UNSUPPORTED for a file that is none; ATTESTATION when it does not pass; INVALID_ARGUMENT, WRONG_CHAIN, GENESIS
 */
export async function judgeHardwareEvidence(
  path: string,
  bytes: Uint8Array,
  options: HardwareEvidenceOptions,
  output: Output,
): Promise<void> {
  const { home, collateral, genesis, chain, timeMs } = options;
  const files = {
    file: bytes,
    ...(collateral === undefined
      ? {}
      : { collateralFile: await readFileOf(collateral, 'what the vendor has signed (--collateral)') }),
  };
  const { roots, chainFloors } =
    genesis === undefined ? { roots: 'vendor' as const, chainFloors: {} } : await developmentOf(genesis, chain);
  const kept = collateralFolder(resolve(home), roots, async () => chainFloors, { now: () => timeMs });
  const finding = await verifyWithKept(path, files, kept, {
    collateral: {},
    time: timeMs,
    policy: {},
    crypto: webCryptoAttest(crypto.subtle as unknown as AttestSubtle),
    roots,
    floors: await kept.floors(),
  });
  const { report } = finding;
  if (report.platform === 'unknown')
    throw unknown(path, report.checks[0]?.reason ?? 'no platform is known that makes such bytes');
  output.result(plainReport(finding, timeMs), reportLines(finding, timeMs));
  if (report.overall === 'fail') throw notPassed(report);
}

/** With what was handed over; then, if that lacks collateral, with what is kept. */
async function verifyWithKept(
  path: string,
  files: EvidenceFiles,
  kept: CollateralFolder,
  options: EvidenceOptions,
): Promise<EvidenceFinding> {
  const first = await verifyFile(path, files, options);
  if (!first.report.checks.some(({ code }) => code === 'COLLATERAL_MISSING')) return first;
  const subject = await subjectOfEvidence(first.evidence).catch(() => undefined);
  const bundle = subject === undefined ? undefined : await kept.get(subject);
  return bundle === undefined ? first : verifyFile(path, files, { ...options, collateral: bundle.collateral });
}

async function verifyFile(path: string, files: EvidenceFiles, options: EvidenceOptions): Promise<EvidenceFinding> {
  try {
    return await verifyEvidenceFile(files, options);
  } catch (error) {
    const { code, message } = PerigeeError.from(error);
    if (code === 'INTERNAL') throw error;
    throw unknown(path, message, error);
  }
}

function unknown(path: string, why: string, cause?: unknown): PerigeeError {
  const words = `${path} is unknown: neither evidence against a blob's signers, which begins with "PGEV", nor a receipt, which begins with "PGRC", nor evidence of hardware: ${why}`;
  return new PerigeeError('UNSUPPORTED', words, { cause });
}

/**
 * Roots of simulated evidence, which only a development genesis has, and the floors that it names. A genesis file is believed for what it is, because its hash is the one of the trust
 * root.
 */
export async function developmentOf(path: string, chain: string | undefined): Promise<{ roots: Roots; chainFloors: Floors }> {
  const genesis = decodeGenesis(await readFileOf(path, 'the genesis of the chain (--genesis)'));
  const root = parseTrustRoot(await readTrustRootFile(chain));
  if (!equal(root.genesisHash, genesis.genesisHash)) {
    const words = `${path} is the genesis ${toHex(genesis.genesisHash)}, and the trust root is of ${toHex(root.genesisHash)}`;
    throw new PerigeeError('WRONG_CHAIN', words);
  }
  return { roots: rootsOfDevelopment(genesis.appState), chainFloors: chainFloorsOf(genesis.appState) };
}

const MARK = { pass: 'pass', fail: 'FAIL', notChecked: '----' } as const;

function reportLines({ report, guest = [] }: EvidenceFinding, timeMs: number): string[] {
  const carries =
    report.status === 'simulated'
      ? `nothing: simulated, made by the keys of a development chain (imitates ${report.imitates})`
      : report.label;
  return [
    `platform ${report.platform}${report.hardware === 'tested' ? '' : ` (${report.hardware})`}`,
    `judged   as of ${new Date(timeMs).toISOString()}`,
    ...report.checks.map(checkLine),
    ...guest.map((check) => `guest    ${checkLine(check)}`),
    `carries  ${carries}`,
    `result   ${report.status === 'simulated' ? 'simulated, ' : ''}${report.overall === 'pass' ? 'passes' : 'does not pass'}`,
  ];
}

function checkLine({ name, verdict, reason, code, required }: Check): string {
  return `${MARK[verdict]}     ${name}${required ? '' : ' (not asked for)'}: ${reason}${code === undefined ? '' : ` [${code}]`}`;
}

function notPassed({ checks }: AttestationReport): PerigeeError {
  const [first] = checks.filter(({ required, verdict }) => required && verdict !== 'pass');
  const words = `the evidence does not pass: ${first?.name ?? 'no check'}: ${first?.reason ?? 'there is none'}`;
  return new PerigeeError('ATTESTATION', words, { data: { check: first?.code ?? null } });
}
