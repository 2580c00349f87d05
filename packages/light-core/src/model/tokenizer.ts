/** Byte-pair encoding: bytes are tokens 0 to 255, then come signs that no text makes, then merges of two tokens, in the order in which they apply. */
import { MAX_TOKEN_BYTES } from '@perigee/wire';

/** Tokens that stand for no bytes: text never encodes to them, so a prompt cannot speak in another's name. */
export const SIGNS = { end: 256, begin: 257, system: 258, user: 259, assistant: 260 } as const;

/** The first token that is a merge. */
export const FIRST_MERGE = 261;

/** Two tokens that become one. */
export type Merge = readonly [left: number, right: number];

export interface Tokenizer {
  /** Tokens, those without bytes included. */
  readonly size: number;
  /** Tokens of these bytes; any bytes have some. Time grows as the length. */
  encode(bytes: Uint8Array): number[];
  /** What a token stands for, at most MAX_TOKEN_BYTES; nothing for signs and what is no token. */
  bytesOf(token: number): Uint8Array;
}

const SPACE = 0x20;
const NOTHING = new Uint8Array(0);

/** @param merges each of tokens before it, together at most MAX_TOKEN_BYTES; checked where they are parsed or made */
export function createTokenizer(merges: readonly Merge[]): Tokenizer {
  const size = FIRST_MERGE + merges.length;
  const pieces: Uint8Array[] = Array.from({ length: size }, (_, token) => (token < 256 ? Uint8Array.of(token) : NOTHING));
  const ranks = new Map<number, number>();
  for (const [i, [left, right]] of merges.entries()) {
    const token = FIRST_MERGE + i;
    pieces[token] = Uint8Array.from([...(pieces[left] ?? NOTHING), ...(pieces[right] ?? NOTHING)]);
    if (!ranks.has(left * size + right)) ranks.set(left * size + right, token);
  }

  return {
    size,
    encode(bytes) {
      const tokens: number[] = [];
      for (const [from, to] of chunksOf(bytes)) tokens.push(...mergeAll(Array.from(bytes.subarray(from, to))));
      return tokens;
    },
    bytesOf: (token) => pieces[token] ?? NOTHING,
  };

  /** Applies the earliest merge there is, at its first place, until there is none. */
  function mergeAll(tokens: number[]): number[] {
    for (;;) {
      let best = Number.POSITIVE_INFINITY;
      let at = -1;
      for (let i = 0; i + 1 < tokens.length; i++) {
        const rank = ranks.get((tokens[i] as number) * size + (tokens[i + 1] as number));
        if (rank !== undefined && rank < best) [best, at] = [rank, i];
      }
      if (at < 0) return tokens;
      tokens.splice(at, 2, best);
    }
  }
}

/** Where merges stop: a word of at most MAX_TOKEN_BYTES with the space before it, or any one other byte. */
export function* chunksOf(bytes: Uint8Array): Iterable<readonly [from: number, to: number]> {
  for (let from = 0; from < bytes.length; ) {
    let to = from + 1;
    if (isLetter(bytes[from]) || (bytes[from] === SPACE && isLetter(bytes[to]))) {
      while (to < bytes.length && to - from < MAX_TOKEN_BYTES && isLetter(bytes[to])) to++;
    }
    yield [from, to];
    from = to;
  }
}

/** ASCII letters, and all bytes of characters beyond ASCII. */
function isLetter(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return byte >= 0x80 || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
}
