import { nobleEd25519 } from './noble.ts';
import type { VerifyEd25519 } from './verify.ts';

/**
 * A verifier as fast as `fast` for what it accepts and with the verdict of ZIP-215 for everything (PROTOCOL §7).
 *
 * Sound for a `fast` whose yes implies ZIP-215's: cofactorless verification does, because multiplying its equation by the cofactor keeps
 * it true. WebCrypto of Node and of Chromium are tested against all 196 small-order cases of ZIP-215.
 *
 * @param fast may also throw, where it does not know the algorithm
 */
export function fastThenNoble(fast: VerifyEd25519): VerifyEd25519 {
  return async (publicKey, message, signature) => {
    if (await fast(publicKey, message, signature).catch(() => false)) return true;
    return nobleEd25519(publicKey, message, signature);
  };
}
