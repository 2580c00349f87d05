import { type AttestationReport, type AttestCrypto, type Floors, floorsUnder, type Roots, verifyEvidence } from '../index.ts';
import { leastLevelsOf } from './chain-floors.ts';
import { verifyBundle } from './verify-bundle.ts';

/** Evidence of a registration, and what it must bind. */
export interface BoundEvidence {
  readonly evidence: Uint8Array;
  /** File of collateral (`PGCO`) that came with it. */
  readonly collateral: Uint8Array;
  /** What the collateral is about. */
  readonly subject: string;
  /** 64 bytes, hexadecimal. */
  readonly reportData: string;
  /** Trusted time, milliseconds since 1970. */
  readonly timeMs: number;
}

/**
 * Verifies evidence with the collateral that came with it, and that it binds exactly that report data.
 *
 * @throws ATTESTATION, PARSE and what else `verifyBundle` throws for collateral that is not good; INVALID_ARGUMENT. All else is in the report
 */
export async function verifyBound(
  { evidence, collateral: file, subject, reportData, timeMs: time }: BoundEvidence,
  { crypto: primitives, roots, floors }: { readonly crypto: AttestCrypto; readonly roots: Roots; readonly floors: Floors },
): Promise<AttestationReport> {
  const { collateral } = await verifyBundle(file, { subject, time, crypto: primitives, roots, floors });
  // a line of AMD's whose least levels the chain does not name is not accepted, as when it was registered
  const minTcb = leastLevelsOf(floorsUnder(roots, floors));
  const policy = { intel: { reportData }, amd: { reportData, minTcb } };
  return verifyEvidence(evidence, { collateral, time, policy, crypto: primitives, roots, floors });
}
