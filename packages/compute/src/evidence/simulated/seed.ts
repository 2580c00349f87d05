import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8 } from '@perigee/wire';

const SALT = utf8('perigee/simulated/v0');

/**
 * Bytes that a seed gives for one purpose, always the same.
 *
 * @param seed any length
 * @param label names the purpose, such as `intel/root`
 * @param length bytes, at most 8,160
 */
export function seeded(seed: Uint8Array, label: string, length: number): Uint8Array {
  return hkdf(sha256, seed, SALT, utf8(label), length);
}
