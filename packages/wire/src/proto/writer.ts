import { uvarint } from '../varint.ts';

/** Bytes that a writer begins with, and that the one for all messages goes back to after a large one. */
const FIRST_BYTES = 4_096;
/** More are not held on to. */
const MOST_KEPT_BYTES = 1 << 20;
/** Below this, a loop copies bytes faster than `set` is called. */
const FEW_BYTES = 33;

/** Where messages are written to, all fields one after another: as parts of their own, they would be most of the work of writing. */
export class Writer {
  bytes = new Uint8Array(FIRST_BYTES);
  at = 0;

  /** A number of 64 bits in two's complement. */
  varint(value: number | bigint): void {
    if (typeof value !== 'number' || value < 0 || value > 0x7fffffff) {
      this.raw(uvarint(value));
      return;
    }
    this.#room(5);
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.bytes[this.at++] = (rest & 127) | 128;
    this.bytes[this.at++] = rest;
  }

  raw(bytes: Uint8Array, from = 0): void {
    const length = bytes.length - from;
    this.#room(length);
    if (length < FEW_BYTES) for (let i = 0; i < length; i++) this.bytes[this.at + i] = bytes[from + i] as number;
    else this.bytes.set(from === 0 ? bytes : bytes.subarray(from), this.at);
    this.at += length;
  }

  /** Begins what goes behind its own length. @returns what `end` is to be told */
  begin(): number {
    this.#room(1);
    return ++this.at;
  }

  end(start: number): void {
    const length = this.at - start;
    if (length < 128) {
      this.bytes[start - 1] = length;
      return;
    }
    const prefix = uvarint(length);
    this.#room(prefix.length - 1);
    this.bytes.copyWithin(start + prefix.length - 1, start, this.at);
    this.bytes.set(prefix, start - 1);
    this.at += prefix.length - 1;
  }

  /** A copy of what was written from `start` on, which the writer forgets. */
  take(start: number): Uint8Array {
    return this.bytes.slice(start, this.at);
  }

  /** Whether what was written from `start` on is this. */
  holds(start: number, bytes: Uint8Array): boolean {
    if (bytes.length !== this.at - start) return false;
    for (let i = 0; i < bytes.length; i++) if (this.bytes[start + i] !== bytes[i]) return false;
    return true;
  }

  /** Forgets what was written from `start` on. */
  back(start: number): void {
    this.at = start;
    if (start === 0 && this.bytes.length > MOST_KEPT_BYTES) this.bytes = new Uint8Array(FIRST_BYTES);
  }

  #room(length: number): void {
    if (this.at + length <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.at + length));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }
}
