/** Keys with which providers sign. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concat, equal, SIGNER_SCHEME, type SignerKey, u8 } from '@perigee/wire';
import { ethereumAddress, nobleRecover, type RecoverAddress, type VerifyEd25519 } from '../signature/index.ts';
import { type Ed25519Signer, ed25519Signer } from '../tx/index.ts';

/** By whom signatures are checked. `nobleEd25519` alone gives the verdict that every validator gives. */
export interface SignatureContext {
  readonly verifyEd25519: VerifyEd25519;
  readonly recoverAddress?: RecoverAddress;
}

/** Signs for a provider. */
export interface InferenceSigner {
  readonly key: SignerKey;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** @param signer 32 bytes of a secret key, or what holds one */
export function ed25519InferenceSigner(signer: Ed25519Signer | Uint8Array): InferenceSigner {
  const held = signer instanceof Uint8Array ? ed25519Signer(signer) : signer;
  return {
    key: { scheme: SIGNER_SCHEME.ed25519, key: held.publicKey },
    sign: async (message) => held.sign(message),
  };
}

/** @param secretKey 32 bytes */
export function secp256k1InferenceSigner(secretKey: Uint8Array): InferenceSigner {
  return {
    key: { scheme: SIGNER_SCHEME.secp256k1, key: ethereumAddress(secp256k1.getPublicKey(secretKey, false)) },
    async sign(message) {
      const signature = secp256k1.sign(keccak_256(message), secretKey, { prehash: false, format: 'recovered' });
      return concat(signature.subarray(1), u8(27 + (signature[0] ?? 0)));
    },
  };
}

/** Whether a key can be one: its scheme is known, and its length fits. */
export function isSignerKey({ scheme, key }: SignerKey): boolean {
  return scheme === SIGNER_SCHEME.ed25519 ? key.length === 32 : scheme === SIGNER_SCHEME.secp256k1 && key.length === 20;
}

/** @returns false for a wrong signature, and for a key or a signature of another form */
export async function isSigned(
  { scheme, key }: SignerKey,
  message: Uint8Array,
  signature: Uint8Array,
  { verifyEd25519, recoverAddress = nobleRecover }: SignatureContext,
): Promise<boolean> {
  if (!isSignerKey({ scheme, key })) return false;
  if (scheme === SIGNER_SCHEME.ed25519) return signature.length === 64 && verifyEd25519(key, message, signature);
  const v = signature[64];
  if (signature.length !== 65 || (v !== 27 && v !== 28)) return false;
  const [r, s] = [signature.slice(0, 32), signature.slice(32, 64)];
  const found = await recoverAddress(keccak_256(message), { r, s, parity: v - 27 });
  return found !== undefined && equal(found, key);
}
