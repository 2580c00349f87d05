import { sha256 } from '@noble/hashes/sha2.js';

/** What a registration names evidence by, and collateral: SHA-256 of the file, 32 bytes. */
export function evidenceIdOf(file: Uint8Array): Uint8Array {
  return sha256(file);
}
