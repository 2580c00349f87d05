import { toHex } from '@perigee/wire';
import type { SgxPlatform } from './platform.ts';

/** Intel's statuses of a level, from the highest security versions down: the PCE's security version picks one in what is minted here. */
export const TCB_STATUSES = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
] as const;

export type TcbStatus = (typeof TCB_STATUSES)[number];

/** Security version of the PCE at which the first status holds; each later one is one below. */
const TOP_PCE_SVN = 13;

/** The PCE's security version that brings a platform to a status. */
export function pceSvnOf(status: TcbStatus): number {
  return TOP_PCE_SVN - TCB_STATUSES.indexOf(status);
}

interface Level<Tcb> {
  readonly tcb: Tcb;
  readonly tcbDate: string;
  readonly tcbStatus: string;
  readonly advisoryIDs?: readonly string[];
}

interface Component {
  readonly svn: number;
  readonly category?: string;
  readonly type?: string;
}

export interface PlatformTcb {
  readonly sgxtcbcomponents: readonly Component[];
  readonly pcesvn: number;
  readonly tdxtcbcomponents?: readonly Component[];
}

export interface ModuleIdentity {
  readonly id: string;
  readonly mrsigner: string;
  readonly attributes: string;
  readonly attributesMask: string;
  readonly tcbLevels: readonly Level<{ readonly isvsvn: number }>[];
}

/** TCB info, version 3, in the order in which Intel writes it ("Intel PCS API", v4 `/tcb`). */
export interface TcbInfo {
  readonly id: string;
  readonly version: number;
  readonly issueDate: string;
  readonly nextUpdate: string;
  readonly fmspc: string;
  readonly pceId: string;
  readonly tcbType: number;
  readonly tcbEvaluationDataNumber: number;
  readonly tdxModule?: Omit<ModuleIdentity, 'id' | 'tcbLevels'>;
  readonly tdxModuleIdentities?: readonly ModuleIdentity[];
  readonly tcbLevels: readonly Level<PlatformTcb>[];
}

/** Identity of a quoting enclave, version 2. */
export interface QeIdentity {
  readonly id: string;
  readonly version: number;
  readonly issueDate: string;
  readonly nextUpdate: string;
  readonly tcbEvaluationDataNumber: number;
  readonly miscselect: string;
  readonly miscselectMask: string;
  readonly attributes: string;
  readonly attributesMask: string;
  readonly mrsigner: string;
  readonly isvprodid: number;
  readonly tcbLevels: readonly Level<{ readonly isvsvn: number }>[];
}

/** From when to when signed data holds, seconds since 1970, and its evaluation number. */
export interface Issue {
  readonly at: number;
  readonly until: number;
  readonly evaluation: number;
}

/** Two of the 16 security versions of the TDX module's loader are the module's own: 5 of version 1. */
export const TEE_TCB_SVN = Uint8Array.of(5, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
export const CPU_SVN = Uint8Array.of(2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0);

const NO_SIGNER = '00'.repeat(48);

/** What Intel would say of a platform: every status has a level of its own. */
export function tcbInfoOf(id: 'SGX' | 'TDX', { fmspc, pceId }: SgxPlatform, { at, until, evaluation }: Issue): TcbInfo {
  const module = { mrsigner: NO_SIGNER, attributes: '00'.repeat(8), attributesMask: 'FF'.repeat(8) };
  const isTdx = id === 'TDX';
  return {
    id,
    version: 3,
    issueDate: isoTime(at),
    nextUpdate: isoTime(until),
    fmspc: toHex(fmspc).toUpperCase(),
    pceId: toHex(pceId).toUpperCase(),
    tcbType: 0,
    tcbEvaluationDataNumber: evaluation,
    ...(isTdx
      ? {
          tdxModule: module,
          tdxModuleIdentities: [
            { id: 'TDX_03', ...module, tcbLevels: [level({ isvsvn: 3 }, 'UpToDate')] },
            { id: 'TDX_01', ...module, tcbLevels: [level({ isvsvn: 4 }, 'UpToDate'), level({ isvsvn: 2 }, 'OutOfDate')] },
          ],
        }
      : {}),
    tcbLevels: TCB_STATUSES.map((status) =>
      level(
        {
          sgxtcbcomponents: components(CPU_SVN),
          pcesvn: pceSvnOf(status),
          ...(isTdx ? { tdxtcbcomponents: components(TEE_TCB_SVN) } : {}),
        },
        status,
      ),
    ),
  };
}

/** What Intel would say of the enclave that quotes: `TD_QE` for TDX, `QE` for SGX. */
export function qeIdentityOf(id: 'QE' | 'TD_QE', mrSigner: Uint8Array, { at, until, evaluation }: Issue): QeIdentity {
  return {
    id,
    version: 2,
    issueDate: isoTime(at),
    nextUpdate: isoTime(until),
    tcbEvaluationDataNumber: evaluation,
    miscselect: '00000000',
    miscselectMask: 'FFFFFFFF',
    attributes: `11${'00'.repeat(15)}`,
    attributesMask: `FBFFFFFFFFFFFFFF${'00'.repeat(8)}`,
    mrsigner: toHex(mrSigner).toUpperCase(),
    isvprodid: id === 'TD_QE' ? 2 : 1,
    tcbLevels: [level({ isvsvn: 8 }, 'UpToDate'), level({ isvsvn: 6 }, 'OutOfDate')],
  };
}

function level<Tcb>(tcb: Tcb, tcbStatus: TcbStatus): Level<Tcb> {
  const advisories = tcbStatus === 'UpToDate' ? {} : { advisoryIDs: ['INTEL-SA-00000'] };
  return { tcb, tcbDate: '2024-03-13T00:00:00Z', tcbStatus, ...advisories };
}

function components(svns: Uint8Array): Component[] {
  return Array.from(svns, (svn) => ({ svn }));
}

/** Intel writes whole seconds. */
function isoTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
}
