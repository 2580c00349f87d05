import { sha256 } from '@noble/hashes/sha2.js';
import { MAX_CODE_POSITIONS, PerigeeError, u32le, utf8 } from '@perigee/wire';
import { uniform } from './uniform.ts';

const DOMAIN = utf8('perigee/da/assign/v0');
const WORDS_PER_HASH = 8;

/**
 * Fisher–Yates over the rows of a blob, driven by its commitment and its committee (PROTOCOL §2): nobody who holds rows can choose
 * which.
 *
 * @param commitment 32 bytes
 * @param committeeHash 32 bytes
 * @param total K + N
 * @returns the row at each permuted position
 * @throws INVALID_ARGUMENT
 */
export function permuteRows(commitment: Uint8Array, committeeHash: Uint8Array, total: number): Uint16Array {
  if (
    !Number.isSafeInteger(total) ||
    total < 1 ||
    total > MAX_CODE_POSITIONS ||
    commitment.length !== 32 ||
    committeeHash.length !== 32
  ) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `a permutation needs two hashes and 1 to ${MAX_CODE_POSITIONS} rows, not ${total}`,
    );
  }
  const next = wordStream(commitment, committeeHash);
  const rows = Uint16Array.from({ length: total }, (_, i) => i);
  for (let i = total - 1; i >= 1; i--) {
    const j = uniform(i + 1, next);
    const held = rows[i] as number;
    rows[i] = rows[j] as number;
    rows[j] = held;
  }
  return rows;
}

/** Little-endian 32-bit words of H(domain ‖ commitment ‖ committeeHash ‖ LE32 counter), counter 0, 1, 2, … */
function wordStream(commitment: Uint8Array, committeeHash: Uint8Array): () => number {
  // 84 bytes are common to all hashes: the state behind them is computed once
  const prefix = sha256.create().update(DOMAIN).update(commitment).update(committeeHash);
  let words = new DataView(new ArrayBuffer(0));
  let used = WORDS_PER_HASH;
  let counter = 0;
  return () => {
    if (used === WORDS_PER_HASH) {
      const hash = prefix.clone().update(u32le(counter++)).digest();
      words = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
      used = 0;
    }
    return words.getUint32(4 * used++, true);
  };
}
