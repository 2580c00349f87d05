import type { Collateral, Floors } from './collateral.ts';
import type { AttestCrypto } from './crypto.ts';
import type { PlatformResult } from './report.ts';
import type { Roots } from './roots.ts';

/** What evidence is judged by, besides itself. `Policy` is the platform's own: data, never code. */
export interface Context<Policy> {
  readonly collateral: Collateral;
  /** Trusted time, milliseconds since 1970: the light client's, or that of a block. */
  readonly time: number;
  readonly policy: Policy | undefined;
  readonly crypto: AttestCrypto;
  readonly roots: Roots;
  readonly floors: Floors;
}

/**
 * How a platform's evidence is verified. Whatever the bytes are, it gives a result and does not throw.
 *
 * @param bytes not longer than `MAX_ATTESTATION_BYTES`
 */
export type VerifyPlatform<Policy, Claims> = (bytes: Uint8Array, context: Context<Policy>) => Promise<PlatformResult<Claims>>;
