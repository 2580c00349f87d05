/** Form of keys and signatures, checked before any implementation sees them: implementations differ in what they do with odd ones. */
import { compare, MAX_RSA_BYTES } from '@perigee/wire';
import type { Curve, EcKey, RsaKey } from './crypto.ts';

/** Bytes of a coordinate, and of r and s. */
export const CURVE_BYTES: Readonly<Record<Curve, number>> = { 'P-256': 32, 'P-384': 48 };

/** Whether the key is an uncompressed point, and the signature two numbers, of the right lengths. Implementations check that the numbers are in 1 … n − 1. */
export function isEcdsaForm({ type, point }: EcKey, signature: Uint8Array): boolean {
  const bytes = CURVE_BYTES[type];
  return point.length === 1 + 2 * bytes && point[0] === 4 && signature.length === 2 * bytes;
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
