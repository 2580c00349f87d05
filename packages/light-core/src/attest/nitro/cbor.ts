/**
 * The part of CBOR (RFC 8949) that a Nitro document is written in: integers, byte and text strings, arrays, maps, null; definite lengths, heads in
 * their shortest form, no key twice. The rest (floats, tags, indefinite lengths, booleans) is refused: no field has it.
 */
import { fromUtf8, MAX_CBOR_DEPTH, MAX_CBOR_ITEMS } from '@perigee/wire';
import { refuse } from '../code.ts';

export type Cbor = number | string | Uint8Array | null | readonly Cbor[] | CborMap;
export type CborMap = ReadonlyMap<number | string, Cbor>;

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
const NULL = 22;

/**
 * A document of one item.
 *
 * @param tag number of a tag that may stand before it
 * @throws refusals: PARSE, TOO_LARGE, TRAILING_BYTES
 */
export function readCbor(bytes: Uint8Array, tag?: number): Cbor {
  const reader = new Reader(bytes);
  if (tag !== undefined) reader.skipTag(tag);
  const value = reader.item(0);
  reader.end();
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #items = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  skipTag(tag: number): void {
    if ((this.#bytes[0] ?? 0) >> 5 !== MAJOR.tag) return;
    const { argument } = this.#head();
    if (argument !== tag) throw refuse('PARSE', `The document has CBOR tag ${argument}, not ${tag}.`);
  }

  item(depth: number): Cbor {
    if (depth > MAX_CBOR_DEPTH) throw refuse('TOO_LARGE', `The document's CBOR is nested deeper than ${MAX_CBOR_DEPTH}.`);
    if (++this.#items > MAX_CBOR_ITEMS) throw refuse('TOO_LARGE', `The document's CBOR has more than ${MAX_CBOR_ITEMS} items.`);
    const { major, argument } = this.#head();
    switch (major) {
      case MAJOR.unsigned:
        return argument;
      case MAJOR.negative:
        return -1 - argument;
      case MAJOR.bytes:
        return this.#take(argument);
      case MAJOR.text:
        return this.#text(argument);
      case MAJOR.array:
        return this.#array(argument, depth);
      case MAJOR.map:
        return this.#map(argument, depth);
      default:
        if (major === MAJOR.simple && argument === NULL) return null;
        throw refuse('PARSE', `The document's CBOR has an item of kind ${major}, value ${argument}, which no field has.`);
    }
  }

  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw refuse('TRAILING_BYTES', `${left} bytes stand behind the document's CBOR.`);
  }

  #head(): { readonly major: number; readonly argument: number } {
    const [first] = this.#take(1) as [number] & Uint8Array;
    const major = first >> 5;
    const short = first & 0x1f;
    if (short < 24) return { major, argument: short };
    const size = [1, 2, 4, 8][short - 24];
    if (size === undefined || major === MAJOR.simple) {
      throw refuse('PARSE', `The document's CBOR has a head 0x${first.toString(16)} of a kind that is not allowed.`);
    }
    let argument = 0;
    for (const byte of this.#take(size)) argument = argument * 256 + byte;
    const shortest = size === 1 ? argument >= 24 : argument >= 256 ** (size / 2);
    if (!shortest || argument > Number.MAX_SAFE_INTEGER) {
      throw refuse('PARSE', "The document's CBOR has a number that is above 2^53 or not in its shortest form.");
    }
    return { major, argument };
  }

  #text(length: number): string {
    const bytes = this.#take(length);
    try {
      return fromUtf8(bytes);
    } catch (cause) {
      throw refuse('PARSE', "A text in the document's CBOR is not UTF-8.", cause);
    }
  }

  #array(length: number, depth: number): readonly Cbor[] {
    const out: Cbor[] = []; // not allocated by the length it claims: each item costs a byte of the document
    for (let i = 0; i < length; i++) out.push(this.item(depth + 1));
    return out;
  }

  #map(length: number, depth: number): CborMap {
    const out = new Map<number | string, Cbor>();
    for (let i = 0; i < length; i++) {
      const key = this.item(depth + 1);
      if (typeof key !== 'number' && typeof key !== 'string')
        throw refuse('PARSE', "A key in the document's CBOR is no number and no text.");
      if (out.has(key)) throw refuse('PARSE', `Key ${String(key).slice(0, 40)} stands twice in a map of the document's CBOR.`);
      out.set(key, this.item(depth + 1));
    }
    return out;
  }

  #take(length: number): Uint8Array {
    if (this.#bytes.length - this.#at < length) throw refuse('PARSE', "The document's CBOR ends within an item.");
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }
}
