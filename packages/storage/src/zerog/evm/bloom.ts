/** Bloom filters of logs (Ethereum Yellow Paper, 4.3.1): three of 2,048 bits for each address and topic. */
import { keccak_256 } from '@noble/hashes/sha3.js';

const BLOOM_BYTES = 256;

export interface BloomedLog {
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
}

export function bloomOf(logs: readonly BloomedLog[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) {
    for (const item of [address, ...topics]) {
      const hash = keccak_256(item);
      for (let i = 0; i < 6; i += 2) {
        const bit = (((hash[i] ?? 0) << 8) | (hash[i + 1] ?? 0)) & 2047;
        const byte = BLOOM_BYTES - 1 - (bit >> 3);
        bloom[byte] = (bloom[byte] ?? 0) | (1 << (bit & 7));
      }
    }
  }
  return bloom;
}
