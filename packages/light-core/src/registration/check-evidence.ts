import { sha256 } from '@noble/hashes/sha2.js';
import { type ComputeRegister, type ErrorCode, PerigeeError, toHex } from '@perigee/wire';
import { leastLevelsOf, subjectOfEvidence, verifyBundle } from '../attest/bundle/index.ts';
import { rootsOfDevelopment } from '../attest/development/index.ts';
import { type AttestCrypto, type Floors, floorsUnder, type Roots, verifyEvidence } from '../attest/index.ts';
import { isSigned, isSignerKey } from '../receipt/index.ts';
import { nobleEd25519, nobleRecover } from '../signature/index.ts';
import { type BoundKeys, possessionSignBytes, reportDataOf } from './report-data.ts';

export interface EvidenceContext extends Pick<BoundKeys, 'genesisHash' | 'provider' | 'boundHash'> {
  /** Of the chain, as proved. */
  readonly development: boolean;
  /** Of the chain's genesis. */
  readonly floors: Floors;
  /** Time of the block, milliseconds since 1970. */
  readonly time: number;
  /** `nobleAttest` where all nodes must come to the same verdict. */
  readonly crypto: AttestCrypto;
}

/** What evidence and collateral of a registration were found to be. */
export interface CheckedEvidence {
  readonly evidenceId: Uint8Array;
  readonly collateralId: Uint8Array;
  readonly subject: string;
  /** Seconds since 1970 until which the collateral holds. */
  readonly expiryTime: number;
}

/**
 * Checks what a registration brings to prove its keys and its model: collateral of the evidence's platform, current and no older than the chain's floors; evidence that it
 * judges as up to date and not in debug mode; the report data of exactly these keys. What code ran is for whoever asks the provider to judge.
 *
 * @throws ATTESTATION, with the failed check in `data.check`: SIMULATED where the chain is not for development; INTERNAL and the like when a check could not be
 *   made here: that is no verdict
 */
export async function checkRegistrationEvidence(register: ComputeRegister, context: EvidenceContext): Promise<CheckedEvidence> {
  const { evidence, collateral, simulated } = register;
  const { development, floors, time, crypto: primitives } = context;
  if (simulated && !development) {
    throw refuse('SIMULATED', 'simulated evidence registers no provider: this chain is not for development');
  }
  if (!isSignerKey(register.signer)) throw refuse('KEY', 'receipts are signed by an ed25519 key or an Ethereum key');
  const roots: Roots = simulated ? rootsOfDevelopment({ development }) : 'vendor';
  const bound = reportDataOf({ ...register, ...context });
  const signatures = { verifyEd25519: nobleEd25519, recoverAddress: nobleRecover };
  if (!(await isSigned(register.signer, possessionSignBytes(bound), register.possession, signatures))) {
    throw refuse('POSSESSION', 'the signing key has not signed for this registration: only who holds it may register it');
  }
  const subject = await readable('the evidence', () => subjectOfEvidence(evidence));
  const bundle = await readable('the collateral', () =>
    verifyBundle(collateral, { crypto: primitives, time, roots, subject, floors }),
  );
  const reportData = toHex(bound);
  // a line whose least levels the chain does not name is not accepted
  const minTcb = leastLevelsOf(floorsUnder(roots, floors));
  const policy = { intel: { reportData }, amd: { reportData, minTcb } };
  const options = { collateral: bundle.collateral, time, policy, crypto: primitives, roots, floors };
  const report = await readable('the evidence', () => verifyEvidence(evidence, options));
  const fault = report.checks.find(({ code }) => code === 'INTERNAL');
  if (fault !== undefined) throw new PerigeeError('INTERNAL', `check ${fault.name} of the evidence: ${fault.reason}`);
  if (report.overall !== 'pass') {
    const failed = report.checks.find(({ required, verdict }) => required && verdict !== 'pass');
    throw refuse(failed?.code ?? 'DEPENDS', `check ${failed?.name} of the evidence: ${failed?.reason}`);
  }
  return {
    evidenceId: sha256(evidence),
    collateralId: sha256(collateral),
    subject,
    expiryTime: Math.floor(bundle.untilMs / 1_000),
  };
}

/** What is wrong with bytes, and so a verdict that every node comes to. All else is a failure of this one. */
const OF_BYTES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ATTESTATION',
  'UNSUPPORTED',
  'PARSE',
  'NOT_CANONICAL',
  'UNKNOWN_VERSION',
  'INVALID_ARGUMENT',
  'FRAME_TOO_LARGE',
]);

/** Whether evidence or collateral themselves are at fault. */
export function isFaultOfBytes({ code }: PerigeeError): boolean {
  return OF_BYTES.has(code);
}

/** Bytes that are none are a refusal of the registration. */
async function readable<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const fault = PerigeeError.from(error);
    const { code, message, data } = fault;
    if (!isFaultOfBytes(fault)) throw error;
    throw refuse(code === 'ATTESTATION' ? String(data?.check ?? 'COLLATERAL') : 'PARSE', `${what}: ${message}`);
  }
}

function refuse(check: string, message: string): PerigeeError {
  return new PerigeeError('ATTESTATION', message, { data: { check, verdict: 'fail' } });
}
