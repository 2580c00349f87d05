import { MAX_ATTESTATION_SIGNATURES } from '@perigee/wire';
import { refuse } from './code.ts';
import type { AttestCrypto } from './crypto.ts';

/** The same cryptography for one piece of evidence: it checks no more signatures than honest evidence can need. */
export function counted(primitives: AttestCrypto): AttestCrypto {
  let left = MAX_ATTESTATION_SIGNATURES;
  const take = (): void => {
    if (left-- <= 0) throw refuse('TOO_LARGE', `the evidence asks for more than ${MAX_ATTESTATION_SIGNATURES} signature checks`);
  };
  return {
    verifyEcdsa: async (key, message, signature) => {
      take();
      return primitives.verifyEcdsa(key, message, signature);
    },
    verifyRsaPss: async (key, message, signature) => {
      take();
      return primitives.verifyRsaPss(key, message, signature);
    },
    sha256: (message) => primitives.sha256(message),
    sha384: (message) => primitives.sha384(message),
    sha512: (message) => primitives.sha512(message),
  };
}
