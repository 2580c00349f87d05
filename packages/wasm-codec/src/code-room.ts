import { PerigeeError } from '@perigee/wire';
import { extend } from './encode.ts';
import type { Kernel } from './kernel.ts';
import { checkCode, checkLength } from './shape.ts';
import type { Codec, CodeRoom, Layout, RowShape } from './types.ts';

/** Rows that lie a multiple of this apart share the same few places of the caches. */
const ALIAS_BYTES = 4_096;
/** One line of the caches between such rows: encoding takes up to 5 % less time. */
const GAP_BYTES = 64;

/** Extends rows that are elsewhere: they are copied in, and their parity out. */
export function encode(kernel: Kernel, input: Parameters<Codec['encode']>[0]): Uint8Array {
  checkCode(input, input.layout);
  const { original, k, n, rowSize } = input;
  checkLength('original', original, k * rowSize);
  if (input.into !== undefined) checkLength('into', input.into, n * rowSize);
  const room = new Room(kernel, input);
  try {
    room.fill(original);
    room.encode();
    const parity = input.into ?? new Uint8Array(n * rowSize);
    room.take(parity);
    return parity;
  } finally {
    room.free();
  }
}

/** Rows of one code in kernel memory, original ones first. */
export class Room implements CodeRoom {
  readonly #kernel: Kernel;
  readonly #shape: RowShape;
  readonly #layout: Layout;
  /** Bytes from a row to the next. */
  readonly #stride: number;
  /** `undefined` once it is freed. */
  #rows: number | undefined;

  /** @throws what `Codec.room` does */
  constructor(kernel: Kernel, shape: RowShape & { readonly layout: Layout }) {
    const { k, n, rowSize, layout } = shape;
    checkCode(shape, layout);
    this.#kernel = kernel;
    this.#shape = { k, n, rowSize };
    this.#layout = layout;
    this.#stride = rowSize % ALIAS_BYTES === 0 ? rowSize + GAP_BYTES : rowSize;
    this.#rows = kernel.arena.allocate((k + n) * this.#stride);
  }

  row(index: number): Uint8Array {
    const { k, n, rowSize } = this.#shape;
    if (!(Number.isInteger(index) && index >= 0 && index < k + n))
      throw new PerigeeError('ROW_INDEX', `there is no row ${index} of ${k + n}`);
    const at = this.#at() + index * this.#stride;
    return this.#kernel.bytes.subarray(at, at + rowSize);
  }

  encode(): void {
    const rows = this.#at();
    extend(this.#kernel, this.#shape, this.#layout, rows, rows + this.#shape.k * this.#stride, this.#stride);
  }

  /** Copies all original rows in. @param original K · rowSize bytes */
  fill(original: Uint8Array): void {
    const { k, rowSize } = this.#shape;
    const [bytes, rows, stride] = [this.#kernel.bytes, this.#at(), this.#stride];
    if (stride === rowSize) bytes.set(original, rows);
    else for (let i = 0; i < k; i++) bytes.set(original.subarray(i * rowSize, (i + 1) * rowSize), rows + i * stride);
  }

  /** Copies all parity out. @param into N · rowSize bytes */
  take(into: Uint8Array): void {
    const { k, n, rowSize } = this.#shape;
    const [bytes, stride] = [this.#kernel.bytes, this.#stride];
    const parity = this.#at() + k * stride;
    if (stride === rowSize) into.set(bytes.subarray(parity, parity + n * rowSize));
    else for (let i = 0; i < n; i++) into.set(bytes.subarray(parity + i * stride, parity + i * stride + rowSize), i * rowSize);
  }

  free(): void {
    if (this.#rows !== undefined) this.#kernel.arena.free(this.#rows);
    this.#rows = undefined;
  }

  #at(): number {
    if (this.#rows === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'the room was freed');
    return this.#rows;
  }
}
