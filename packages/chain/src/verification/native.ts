/** Verifiers of ed25519 that run outside of JavaScript. Their yes implies that of ZIP-215; their no is for noble to judge. */
import { createPublicKey, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { MAX_CACHED_KEYS } from '@perigee/wire';
import { RecentCache } from '../recent-cache.ts';

/** @returns whether a signature is right under the rules of RFC 8032 that the library has; it does not throw */
export type FastEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

export interface NativeEd25519 {
  readonly name: 'sodium-native' | 'node:crypto';
  readonly verify: FastEd25519;
  /** Whether a point is on the curve, of prime order, and written in the only canonical way; left out where the library cannot tell. */
  readonly isOrdinary?: (point: Uint8Array) => boolean;
}

/**
 * Whether a native no is that of ZIP-215 too. Its equation is the native one times the cofactor, 8; where key and R are both of prime order, and so
 * odd order, the one holds if the other does. Both refuse an s that is not below the order. Both points take an eighteenth of noble's time.
 */
export function isCertainNo({ isOrdinary }: NativeEd25519, publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (isOrdinary === undefined || publicKey.length !== 32 || signature.length !== 64) return false;
  return isOrdinary(publicKey) && isOrdinary(signature.subarray(0, 32));
}

/** What is used of `sodium-native`. */
interface Sodium {
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  crypto_core_ed25519_is_valid_point(point: Uint8Array): boolean;
}

/**
 * The fastest verifier here. An operator who installs `sodium-native` beside the program, or names a folder that has it in
 * `PERIGEE_SODIUM`, has it used, unless that says `none`; every Node has the other, at a third of the speed.
 */
export function detectEd25519(): NativeEd25519 {
  return loadSodium() ?? nodeEd25519();
}

/** OpenSSL by `node:crypto`. Keys are kept: making one of raw bytes takes a tenth of the time of a verification. */
export function nodeEd25519(): NativeEd25519 {
  const keys = new RecentCache<ReturnType<typeof createPublicKey>>(MAX_CACHED_KEYS);
  const checked: FastEd25519 = (publicKey, message, signature) => {
    const x = Buffer.from(publicKey).toString('base64url');
    let key = keys.get(x);
    if (key === undefined) {
      // as JWK: of the forms that node reads, the only one that OpenSSL does not search a decoder for
      key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      keys.set(x, key);
    }
    return verify(null, message, key, signature);
  };
  return { name: 'node:crypto', verify: neverThrows(checked) };
}

function loadSodium(): NativeEd25519 | undefined {
  const named = process.env.PERIGEE_SODIUM;
  if (named === 'none') return undefined;
  for (const from of [named, import.meta.url, `${process.cwd()}/`]) {
    if (from === undefined) continue;
    try {
      const sodium = createRequire(from.startsWith('file:') ? from : `${from}/`)('sodium-native') as Sodium;
      const checked: FastEd25519 = (publicKey, message, signature) =>
        // what it is given it must own: it answers nothing for memory that is shared between threads
        sodium.crypto_sign_verify_detached(signature, message, publicKey) === true;
      return {
        name: 'sodium-native',
        verify: neverThrows(checked),
        isOrdinary: (point) => sodium.crypto_core_ed25519_is_valid_point(point) === true,
      };
    } catch {
      // not installed there, or not for this machine
    }
  }
  return undefined;
}

function neverThrows(checked: FastEd25519): FastEd25519 {
  return (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      return checked(publicKey, message, signature);
    } catch {
      return false;
    }
  };
}
