import { createHash } from 'node:crypto';
import type { AttestCrypto } from '@perigee/light-core/attest';

/**
 * A signature takes noble 5 ms and more, and WebCrypto up to one, and most of them are in hundreds of cases: each is asked once about key, message and
 * signature.
 */
export function remembering(crypto: AttestCrypto): AttestCrypto {
  const verdicts = new Map<string, Promise<boolean>>();
  const once = (parts: readonly Uint8Array[], look: () => Promise<boolean>) => {
    const hash = createHash('sha384');
    for (const part of parts) hash.update(createHash('sha384').update(part).digest());
    const name = hash.digest('hex');
    const verdict = verdicts.get(name) ?? look();
    verdicts.set(name, verdict);
    return verdict;
  };
  return {
    ...crypto,
    verifyEcdsa: (key, message, signature) =>
      once([key.point, message, signature], () => crypto.verifyEcdsa(key, message, signature)),
    verifyRsaPss: (key, message, signature) =>
      once([key.modulus, message, signature], () => crypto.verifyRsaPss(key, message, signature)),
  };
}
