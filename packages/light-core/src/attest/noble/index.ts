/** Evidence's cryptography without WebCrypto: deterministic, for the state machine, where every node must come to the same verdict. */
import { p256, p384 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { AttestCrypto } from '../crypto.ts';
import { isEcdsaForm, isRsaForm } from '../ecdsa-form.ts';
import { verifyRsaPss } from './rsa-pss.ts';

const CURVES = { 'P-256': p256, 'P-384': p384 };

/** About 3 ms a signature on P-256, 5 ms on P-384. */
export const nobleAttest: AttestCrypto = {
  verifyEcdsa: async (key, message, signature) => {
    if (!isEcdsaForm(key, signature)) return false;
    try {
      return CURVES[key.type].verify(signature, message, key.point, { lowS: false, prehash: true, format: 'compact' });
    } catch {
      return false; // a point that is not on the curve
    }
  },
  verifyRsaPss: async (key, message, signature) => isRsaForm(key, signature) && verifyRsaPss(key.modulus, message, signature),
  sha256: async (message) => sha256(message),
  sha384: async (message) => sha384(message),
  sha512: async (message) => sha512(message),
};
