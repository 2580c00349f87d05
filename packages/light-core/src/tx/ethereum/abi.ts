/** The parts of the Solidity ABI that system calls use: words of 32 bytes, strictly. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { PerigeeError, toHex, utf8 } from '@perigee/wire';

const WORD = 32;

/** First four bytes of the hash of a signature such as `unstake(uint256)`, in hexadecimal. */
export function selectorOf(signature: string): string {
  return toHex(keccak_256(utf8(signature)).subarray(0, 4));
}

/**
 * Arguments behind the selector.
 *
 * @throws TX_MESSAGE unless there are exactly `count` words
 */
export function wordsOf(data: Uint8Array, count: number): Uint8Array[] {
  if (data.length !== 4 + count * WORD) {
    throw new PerigeeError(
      'TX_MESSAGE',
      `a call with ${count} arguments has ${4 + count * WORD} bytes of data, not ${data.length}`,
    );
  }
  return Array.from({ length: count }, (_, i) => data.slice(4 + i * WORD, 4 + (i + 1) * WORD));
}

/** @throws TX_MESSAGE when the number has more than `bits` */
export function uintOf(word: Uint8Array | undefined, bits: number, name: string): bigint {
  const value = BigInt(`0x${toHex(word ?? new Uint8Array(0)) || '0'}`);
  if (value >= 1n << BigInt(bits)) throw new PerigeeError('TX_MESSAGE', `${name} does not fit ${bits} bits`);
  return value;
}
