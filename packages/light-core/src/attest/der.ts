/**
 * Strict DER (X.690 §10): definite and minimal lengths, low tag numbers, nothing behind the end. Elements are read when they are asked for; how many,
 * and how deep, is bounded for a whole document.
 */
import { MAX_DER_DEPTH, MAX_DER_ELEMENTS, type PerigeeError } from '@perigee/wire';
import { refuse, tooLarge } from './code.ts';

/** One element. Views of its bytes are made when they are asked for: a document can have many elements that nobody asks about. */
export class Der {
  readonly tag: number;
  readonly depth: number;
  /** Elements that may still be read of this document. */
  readonly left: { elements: number };
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #start: number;
  readonly #end: number;

  /** @param at where it stands in `bytes` @param start where its value does */
  constructor(bytes: Uint8Array, at: number, start: number, end: number, parent: Pick<Der, 'depth' | 'left'>) {
    this.tag = bytes[at] as number;
    this.depth = parent.depth + 1;
    this.left = parent.left;
    this.#bytes = bytes;
    this.#at = at;
    this.#start = start;
    this.#end = end;
  }

  get value(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** With tag and length: what a signature covers. */
  get raw(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end);
  }

  /** Of `raw`, bytes. */
  get length(): number {
    return this.#end - this.#at;
  }
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag of a constructed, context-specific element. */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

/**
 * A document of one element.
 *
 * @throws ATTESTATION (DER, TRAILING_BYTES, TOO_LARGE), as all that follow
 */
export function readDer(bytes: Uint8Array, tag?: number): Der {
  const element = read(bytes, 0, { depth: -1, left: { elements: MAX_DER_ELEMENTS } });
  if (element.length !== bytes.length) {
    throw refuse('TRAILING_BYTES', 'something stands behind the end of DER');
  }
  return tag === undefined ? element : tagged(element, tag);
}

/** The elements inside a constructed one. */
export function children(parent: Der): Der[] {
  if ((parent.tag & 0x20) === 0) throw badDer('no elements');
  if (parent.depth >= MAX_DER_DEPTH) throw tooLarge('DER');
  const out: Der[] = [];
  const { value } = parent;
  for (let at = 0; at < value.length; ) {
    const child = read(value, at, parent);
    out.push(child);
    at += child.length;
  }
  return out;
}

/** The elements of a sequence. */
export function sequence(element: Der | undefined): Der[] {
  return children(tagged(element, TAG.sequence));
}

/** @param found where something strict is due */
export function badDer(found: string): PerigeeError {
  return refuse('DER', `DER has ${found}`);
}

/** The element itself, if it has that tag. */
export function tagged(element: Der | undefined, tag: number): Der {
  if (element?.tag === tag) return element;
  throw badDer(`no element with tag ${tag}`);
}

function read(bytes: Uint8Array, at: number, parent: Pick<Der, 'depth' | 'left'>): Der {
  if (parent.left.elements-- <= 0) throw tooLarge('DER');
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) throw badDer('an end within an element');
  if ((tag & 0x1f) === 0x1f || tag === 0) throw badDer(`tag ${tag}`);
  let start = at + 2;
  let length = first;
  if (first >= 0x80) {
    const size = first & 0x7f;
    if (size === 0 || size > 3) throw badDer('a bad length');
    length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + (bytes[start + i] ?? Number.NaN);
    start += size;
    // a byte that is missing makes NaN, which fails this too
    if (!(length >= (size === 1 ? 0x80 : 256 ** (size - 1)))) throw badDer('a bad length');
  }
  const end = start + length;
  if (end > bytes.length) throw badDer('an end within an element');
  return new Der(bytes, at, start, end, parent);
}
