import { PerigeeError } from '../error.ts';
import { readUvarint } from '../varint.ts';

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
const FIXED32 = 5;
export type WireType = typeof VARINT | typeof FIXED64 | typeof LENGTH | typeof FIXED32;

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A part of a frame that is being read. Every length is checked against what is left before anything is copied. */
export class Reader {
  at: number;
  constructor(
    readonly bytes: Uint8Array,
    start: number,
    readonly end: number,
    readonly depth: number,
  ) {
    this.at = start;
  }

  varint(): bigint {
    const { value, end } = readUvarint(this.bytes, this.at);
    this.move(end);
    return value;
  }

  /** A varint as a number; what is too large for one becomes `Infinity`, which is above every bound. */
  length(): number {
    const { bytes, at } = this;
    const first = bytes[at];
    const second = bytes[at + 1];
    // one or two bytes, minimal, as almost all are
    if (first !== undefined && first < 128) {
      this.move(at + 1);
      return first;
    }
    if (first !== undefined && second !== undefined && second > 0 && second < 128) {
      this.move(at + 2);
      return (first & 127) | (second << 7);
    }
    const value = this.varint();
    return value > MAX_SAFE ? Number.POSITIVE_INFINITY : Number(value);
  }

  /** Bytes of a length-delimited field, as a view; refused before anything is copied when longer than `max`. */
  delimited(max: number, what: string): Uint8Array {
    const length = this.length();
    if (length > max) throw new PerigeeError('PARSE', `${what} has ${length} bytes; at most ${max} are allowed`);
    const start = this.at;
    this.move(start + length);
    return this.bytes.subarray(start, this.at);
  }

  fixed(size: 4 | 8): Uint8Array {
    const start = this.at;
    this.move(start + size);
    return this.bytes.subarray(start, this.at);
  }

  skip(wire: number): void {
    if (wire === VARINT) this.varint();
    else if (wire === FIXED64) this.fixed(8);
    else if (wire === FIXED32) this.fixed(4);
    else if (wire === LENGTH) this.delimited(this.end - this.at, 'unknown field');
    else throw new PerigeeError('PARSE', `wire type ${wire} at byte ${this.at} is not in use`);
  }

  private move(to: number): void {
    if (to > this.end)
      throw new PerigeeError('PARSE', `message is cut off at byte ${this.end}; ${to - this.end} more bytes were announced`);
    this.at = to;
  }
}
