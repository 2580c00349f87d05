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
    const original = allocate(k * rowSize);
    const parity = allocate(chosen.filter(([index]) => index >= k).length * rowSize);
    const addresses = new Map<number, number>();
    let next = parity;
    for (const [index, row] of chosen) {
      const at = index < k ? original + index * rowSize : next;
      if (index >= k) next += rowSize;
      kernel.write(at, row);
      addresses.set(index, at);
    }
    decode(kernel, { k, n, rowSize, layout }, addresses, original);
    return kernel.read(original, k * rowSize);
  });
}

/** Missing rows up to which each costs less by itself than all of them do by transforms (measured at 1024 + 1024 and 4096 + 12288). */
const FEW_ROWS = 8;
/** Bytes of a row that are worked on at once where few are missing: the sums stay in the first-level cache. */
const FEW_WIDTH_BYTES = 1_024;

/**
 * The missing original rows to their places in `original` in kernel memory; the shape has been checked.
 *
 * @param rows addresses of exactly K rows, by index; the original ones lie where they belong in `original`
 */
export function decode(
  kernel: Kernel,
  { k, n, rowSize, layout }: RowShape & { readonly layout: Layout },
  rows: ReadonlyMap<number, number>,
  original: number,
): void {
  const at = positionsOf(k, n, layout);
  const positionOf = (index: number) => (index < k ? at.original + index : at.parity + index - k);
  const address = new Uint32Array(at.count);
  const erased = new Uint8Array(at.count);
  for (let i = 0; i < k + n; i++) erased[positionOf(i)] = 1;
  erased.fill(1, ...at.unknown);
  for (const [index, row] of rows) {
    address[positionOf(index)] = row;
    erased[positionOf(index)] = 0;
  }
  const missing = Array.from({ length: k }, (_, i) => at.original + i).filter((position) => erased[position] === 1);
  kernel.scratch((allocate) => {
    const put = (words: Uint32Array): number => {
      const to = allocate(words.byteLength);
      kernel.write(to, bytesOf(words));
      return to;
    };
    const addresses = put(address);
    const locator = allocate(2 * at.count);
    kernel.locators.write(erased, locator);
    const { call, field } = kernel;
    if (missing.length <= FEW_ROWS) {
      const positions = put(Uint32Array.from(missing));
      const width = Math.min(FEW_WIDTH_BYTES, rowSize);
      const work = allocate((missing.length + 1) * width);
      const places = [at.count, at.original, rowSize, width, 0, rowSize] as const;
      call.decode_few(field, addresses, locator, positions, missing.length, original, work, ...places);
      return;
    }
    const present = put(countsBefore(at.count, (i) => address[i] !== 0));
    const wanted = new Set(missing);
    const absent = put(countsBefore(at.size, (i) => wanted.has(at.base + i)));
    const chunks = at.count / at.size;
    const factors = allocate(4 * chunks);
    const workRows = chunks === 1 ? at.size : 3 * at.size;
    const width = columnWidth(workRows, rowSize);
    const work = allocate(workRows * width);
    const places = [at.count, at.size, at.base, at.original, k, rowSize, width, 0, rowSize] as const;
    call.decode(field, addresses, locator, present, absent, factors, original, work, ...places);
  });
}

/** For each i from 0 to `length`: how many of the numbers below i pass. */
function countsBefore(length: number, passes: (i: number) => boolean): Uint32Array {
  const counts = new Uint32Array(length + 1);
  for (let i = 0, sum = 0; i < length; i++) counts[i + 1] = sum += passes(i) ? 1 : 0;
  return counts;
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
function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
