import { MAX_ATTESTATION_SIGNATURES } from '@perigee/wire';
import { tooLarge } from './code.ts';
import type { AttestCrypto } from './crypto.ts';

/** The same cryptography for one piece of evidence: it checks no more signatures than honest evidence can need. */
export function counted(primitives: AttestCrypto): AttestCrypto {
  let left = MAX_ATTESTATION_SIGNATURES;
  const take = (): void => {
    if (left-- <= 0) throw tooLarge('the number of signatures');
  };
  return {
    ...primitives,
    verifyEcdsa: async (key, message, signature) => {
      take();
      return primitives.verifyEcdsa(key, message, signature);
    },
    verifyRsaPss: async (key, message, signature) => {
      take();
      return primitives.verifyRsaPss(key, message, signature);
    },
  };
}
