import { MAX_ATTESTATION_BYTES, PerigeeError } from '@perigee/wire';
import { CheckList } from './check.ts';
import { type AttestCode, refuse } from './code.ts';
import type { Collateral, Floors } from './collateral.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import type { AttestCrypto } from './crypto.ts';
import { type AttestationReport, type PlatformResult, realReport, simulatedReport } from './report.ts';
import { checkRoots, type Roots } from './roots.ts';

/** What evidence must be besides authentic, by vendor. Where a vendor's is left out, its strict default holds. */
export type EvidencePolicy = Readonly<Record<string, never>>;

export interface EvidenceOptions {
  readonly collateral: Collateral;
  /** Trusted time, milliseconds since 1970: the light client's, or that of a block. */
  readonly time: number;
  readonly policy: EvidencePolicy;
  readonly crypto: AttestCrypto;
  readonly roots: Roots;
  /** What was seen before; none at first. */
  readonly floors?: Floors;
}

/** What evidence says, by platform. */
export type EvidenceClaims = never;

/**
 * Verifies evidence of trusted hardware, whole, with what is passed in: no network, no clock.
 *
 * Whatever the bytes and the collateral are, the answer is a report that names each check; only arguments that a program gets wrong throw. What the
 * evidence says is in a report only if all required checks passed.
 *
 * @param bytes an Intel quote, an AMD report, an NVIDIA SPDM record or a Nitro document: which one is seen from the bytes
 * @returns `simulated` exactly if `roots` are those of a development genesis
 * @throws INVALID_ARGUMENT
 */
export async function verifyEvidence(bytes: Uint8Array, options: EvidenceOptions): Promise<AttestationReport<EvidenceClaims>> {
  checkArguments(bytes, options);
  const result = await verifyPlatform(bytes, { ...options, crypto: counted(options.crypto), floors: options.floors ?? {} });
  return options.roots === 'vendor' ? realReport(result) : simulatedReport(result);
}

/** Each platform is a chunk of its own, so that a page loads only what it is shown. */
async function verifyPlatform(bytes: Uint8Array, _context: Context<EvidencePolicy>): Promise<PlatformResult<EvidenceClaims>> {
  if (bytes.length > MAX_ATTESTATION_BYTES) {
    return unreadable('TOO_LARGE', `evidence has ${bytes.length} bytes; at most ${MAX_ATTESTATION_BYTES} are read`);
  }
  return unreadable('PLATFORM', `${bytes.length} bytes are evidence of no platform that is known`);
}

async function unreadable(code: AttestCode, reason: string): Promise<PlatformResult<never>> {
  const checks = new CheckList({ parse: 'hardware' });
  await checks.run('parse', () => {
    throw refuse(code, reason);
  });
  return { platform: 'unknown', hardware: 'untested on hardware', checks: checks.all(), fields: [], claims: undefined, seen: {} };
}

function checkArguments(bytes: Uint8Array, { time, roots }: EvidenceOptions): void {
  checkRoots(roots);
  if (!(bytes instanceof Uint8Array)) throw new PerigeeError('INVALID_ARGUMENT', 'evidence is not a Uint8Array');
  if (!Number.isFinite(time) || time < 0) {
    throw new PerigeeError('INVALID_ARGUMENT', `time ${time} is not milliseconds since 1970`);
  }
}
