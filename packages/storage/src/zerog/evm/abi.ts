/** The parts of the Solidity ABI that answers and logs are written in. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { concat, fromHex, type SubmissionNode, toHex, utf8 } from '@perigee/wire';

const WORD = 32;

export function selectorOf(signature: string): string {
  return toHex(keccak_256(utf8(signature)).subarray(0, 4));
}

export function topicOf(signature: string): Uint8Array {
  return keccak_256(utf8(signature));
}

/** A number, or bytes of which the last stand last, as an address does. */
export function word(value: number | bigint | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return concat(new Uint8Array(WORD - value.length), value);
  return fromHex(value.toString(16).padStart(2 * WORD, '0'));
}

/** Length, and bytes filled up to whole words. */
function bytesWords(bytes: Uint8Array): Uint8Array {
  return concat(word(bytes.length), bytes, new Uint8Array((WORD - (bytes.length % WORD)) % WORD));
}

/** `(uint256 length, bytes tags, (bytes32 root, uint256 height)[] nodes)`. */
export function submissionWords(length: number, tags: Uint8Array, nodes: readonly SubmissionNode[]): Uint8Array {
  const tagWords = bytesWords(tags);
  const nodeWords = nodes.flatMap(({ root, height }) => [root, word(height)]);
  return concat(word(length), word(3 * WORD), word(3 * WORD + tagWords.length), tagWords, word(nodes.length), ...nodeWords);
}

/** A value of its own behind the words before it: its offset. */
export function offsetAfter(words: number): Uint8Array {
  return word(words * WORD);
}

/** Lists of words, one after another, as a call returns them. */
export function listsWords(lists: readonly (readonly Uint8Array[])[]): Uint8Array {
  let at = lists.length;
  const offsets = lists.map((list) => {
    const offset = offsetAfter(at);
    at += 1 + list.length;
    return offset;
  });
  return concat(...offsets, ...lists.flatMap((list) => [word(list.length), ...list]));
}

/** `Error(string)`: why a call was undone. */
export function revertReason(text: string): Uint8Array {
  return concat(fromHex(selectorOf('Error(string)')), offsetAfter(1), bytesWords(utf8(text)));
}
