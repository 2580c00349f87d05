import { PerigeeError } from '@perigee/wire';
import type { Kernel } from './kernel.ts';
import { checkCode, columnWidth, powerOfTwo } from './shape.ts';
import type { Codec, Layout, RowShape } from './types.ts';

/** Where the rows of a code lie among the points of the field, and which part of them decoding has to bring out. */
interface Positions {
  /** Positions of the code, a power of two. */
  readonly count: number;
  /** Position of row 0, and of row K. */
  readonly original: number;
  readonly parity: number;
  /** The part that holds all original rows: `size` positions from `base`, a multiple of `size`. */
  readonly base: number;
  readonly size: number;
  /** Positions whose value nobody knows, beside those of missing rows. */
  readonly unknown: readonly [from: number, to: number];
}

function positionsOf(k: number, n: number, layout: Layout): Positions {
  if (layout === 'low') {
    const m = powerOfTwo(k);
    const count = powerOfTwo(m + n);
    return { count, original: 0, parity: m, base: 0, size: m, unknown: [m + n, count] };
  }
  const m = powerOfTwo(n);
  const count = powerOfTwo(m + k);
  const part = k <= m ? { base: m, size: powerOfTwo(k) } : { base: 0, size: count };
  return { count, original: m, parity: 0, ...part, unknown: [n, m] };
}

export function reconstruct(kernel: Kernel, input: Parameters<Codec['reconstruct']>[0]): Uint8Array {
  checkCode(input, input.layout);
  const { k, n, rowSize, rows, layout } = input;
  const chosen = choose(rows, k, n, rowSize);
  if (chosen.every(([index]) => index < k)) {
    const original = new Uint8Array(k * rowSize);
    for (const [index, row] of chosen) original.set(row, index * rowSize);
    return original;
  }
  return kernel.scratch((allocate) => {
    const present = allocate(k * rowSize);
    const original = allocate(k * rowSize);
    const addresses = new Map<number, number>();
    for (const [i, [index, row]] of chosen.entries()) {
      kernel.write(present + i * rowSize, row);
      addresses.set(index, present + i * rowSize);
    }
    decode(kernel, { k, n, rowSize, layout }, addresses, original);
    return kernel.read(original, k * rowSize);
  });
}

/**
 * Original rows to `original` in kernel memory; the shape has been checked.
 *
 * @param rows addresses of exactly K rows, by index; an original one may lie where it belongs in `original` already
 */
export function decode(
  kernel: Kernel,
  { k, n, rowSize, layout }: RowShape & { readonly layout: Layout },
  rows: ReadonlyMap<number, number>,
  original: number,
): void {
  const at = positionsOf(k, n, layout);
  const positionOf = (index: number) => (index < k ? at.original + index : at.parity + index - k);
  const width = columnWidth(at.count, rowSize);
  kernel.scratch((allocate) => {
    const addresses = allocate(4 * at.count);
    const locator = allocate(2 * at.count);
    const work = allocate(Math.max(at.count * width, 2 * at.count));
    const address = new Uint32Array(at.count);
    const erased = new Uint16Array(at.count);
    for (let i = 0; i < k + n; i++) erased[positionOf(i)] = 1;
    erased.fill(1, ...at.unknown);
    let used = 0;
    for (const [index, row] of rows) {
      const position = positionOf(index);
      address[position] = row;
      erased[position] = 0;
      used = Math.max(used, position + 1);
    }
    kernel.write(addresses, bytesOf(address));
    kernel.write(locator, bytesOf(erased));
    kernel.call.decode_locator(kernel.field, locator, work, at.count);
    kernel.call.decode(
      kernel.field,
      addresses,
      locator,
      original,
      work,
      at.count,
      at.size,
      at.base,
      at.original,
      k,
      used,
      rowSize,
      width,
      0,
      rowSize,
    );
  });
}

/** K rows to decode from: original ones first, which need no decoding, then parity in order, which leaves whole blocks empty. */
function choose(rows: ReadonlyMap<number, Uint8Array>, k: number, n: number, rowSize: number): [number, Uint8Array][] {
  for (const [index, row] of rows) {
    if (!Number.isInteger(index) || index < 0 || index >= k + n) {
      throw new PerigeeError('ROW_INDEX', `there is no row ${index} among ${k + n}`, { data: { index } });
    }
    if (row.length !== rowSize) {
      throw new PerigeeError('ROW_SIZE', `row ${index} has ${row.length} bytes instead of ${rowSize}`, { data: { index } });
    }
  }
  if (rows.size < k) {
    throw new PerigeeError('NOT_ENOUGH_ROWS', `${rows.size} rows are there; any ${k} of the ${k + n} are needed`, {
      data: { have: rows.size, need: k },
    });
  }
  return [...rows].sort(([a], [b]) => a - b).slice(0, k);
}

/** As kernel memory has them: every engine that runs WebAssembly today is little-endian, as WebAssembly is. */
function bytesOf(words: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
