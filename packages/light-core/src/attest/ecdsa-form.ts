/** Form of keys and signatures, checked before any implementation sees them: implementations differ in what they do with odd ones. */
import { compare, MAX_RSA_BYTES } from '@perigee/wire';
import type { Curve, EcKey, RsaKey } from './crypto.ts';

/** Bytes of a coordinate, and of r and s. */
export const CURVE_BYTES: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48 };

/** Orders of the groups (SEC 2, §2.4.2 and §2.5.1), big-endian words of 32 bits. */
const ORDERS: Readonly<Record<Curve, Uint8Array>> = {
  'P-256': bytesOf([0xffffffff, 0, 0xffffffff, 0xffffffff, 0xbce6faad, 0xa7179e84, 0xf3b9cac2, 0xfc632551]),
  'P-384': bytesOf([
    0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xc7634d81, 0xf4372ddf, 0x581a0db2, 0x48b0a77a,
    0xecec196a, 0xccc52973,
  ]),
};

/** Whether the key is an uncompressed point of the right length, and r and s are in 1 … n − 1. */
export function isEcdsaForm({ type, point }: EcKey, signature: Uint8Array): boolean {
  const bytes = CURVE_BYTES[type];
  if (point.length !== 1 + 2 * bytes || point[0] !== 4 || signature.length !== 2 * bytes) return false;
  return [signature.subarray(0, bytes), signature.subarray(bytes)].every(
    (scalar) => scalar.some((byte) => byte !== 0) && compare(scalar, ORDERS[type]) < 0,
  );
}

/** Whether the modulus has 2048 to 4096 bits and is odd, and the signature is as long as it and smaller. */
export function isRsaForm({ modulus }: RsaKey, signature: Uint8Array): boolean {
  return isRsaModulus(modulus) && signature.length === modulus.length && compare(signature, modulus) < 0;
}

/** Whole bytes only: the first bit is set, as it is in every key that is made for signing. */
export function isRsaModulus(modulus: Uint8Array): boolean {
  const [first = 0, last = 0] = [modulus[0], modulus.at(-1)];
  return modulus.length >= 256 && modulus.length <= MAX_RSA_BYTES && (first & 0x80) !== 0 && (last & 1) === 1;
}

function bytesOf(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]));
}
