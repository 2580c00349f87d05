import { MAX_CODE_POSITIONS, MAX_CODEC_ROW_BYTES, PerigeeError } from '@perigee/wire';
import type { KernelExports } from './kernel.ts';

/** Where a call may read and write: the blocks above the kernel's own data, and not the field tables. */
export interface Bounds {
  readonly base: number;
  readonly end: number;
  /** [from, to) of the field tables; empty before they are made. */
  readonly field: readonly [from: number, to: number];
}

/** The functions of the kernel, without its globals. */
type Functions = {
  readonly [Name in keyof KernelExports as KernelExports[Name] extends Calls ? Name : never]: KernelExports[Name];
};
// the one type that all functions of numbers fit, whatever their number of arguments
type Calls = (...args: never[]) => unknown;

type Checks = { readonly [Name in keyof Functions]: (guard: Guard, ...args: Parameters<Functions[Name]>) => void };

const COMBINATION = 16;
const HASH = 32;

/**
 * What each function may be given. The C checks nothing, and a wrong number there would overwrite the field or its constants, or never
 * end: so whatever calls it passes here, and a number that has no place in it is refused before anything has happened.
 */
const CHECKS: Checks = {
  field_bytes: () => {},
  field_log_offset: () => {},
  field_init: (guard, field) => guard.tables(field), // anywhere else it would write over what is there, its own tables too
  encode_work_bytes: (guard, k, n, high, width) => guard.code(k, n, high, width, width),
  encode: (guard, field, original, parity, work, k, n, high, rowSize, width, from, to) => {
    guard.tables(field);
    guard.code(k, n, high, rowSize, width);
    guard.columns(rowSize, from, to);
    guard.reads(original, k * rowSize);
    guard.writes(parity, n * rowSize);
    guard.writes(work, guard.encodeWork(k, n, high, width));
  },
  encode_combinations: (guard, field, original, parity, work, k, n) => {
    guard.tables(field);
    guard.code(k, n, 1, 64, 64);
    guard.reads(original, k * COMBINATION);
    guard.writes(parity, n * COMBINATION);
    guard.writes(work, guard.encodeWork(k, n, 1, 2 * COMBINATION));
  },
  decode_locator: (guard, field, values, work, positions) => {
    guard.tables(field);
    guard.powerOfTwo(positions, MAX_CODE_POSITIONS);
    guard.writes(values, 2 * positions);
    guard.writes(work, 2 * positions);
  },
  decode: (
    guard,
    field,
    rows,
    locator,
    present,
    missing,
    factors,
    out,
    work,
    positions,
    wanted,
    base,
    first,
    k,
    rowSize,
    width,
    from,
    to,
  ) => {
    guard.tables(field);
    guard.powerOfTwo(positions, MAX_CODE_POSITIONS);
    guard.powerOfTwo(wanted, positions);
    guard.whole(base, 0, positions - wanted);
    guard.that(base % wanted === 0);
    guard.whole(k, 1, wanted);
    guard.whole(first, base, base + wanted - k);
    guard.row(rowSize, width);
    guard.columns(rowSize, from, to);
    guard.rows(rows, positions, rowSize);
    guard.reads(locator, 2 * positions);
    guard.reads(present, 4 * (positions + 1));
    guard.reads(missing, 4 * (wanted + 1));
    guard.writes(out, k * rowSize);
    guard.writes(factors, (4 * positions) / wanted);
    guard.writes(work, (positions === wanted ? 1 : 3) * wanted * width);
  },
  decode_few: (guard, field, rows, locator, missing, count, out, work, positions, first, rowSize, width, from, to) => {
    guard.tables(field);
    guard.powerOfTwo(positions, MAX_CODE_POSITIONS);
    guard.whole(count, 0, positions);
    guard.whole(first, 0, positions - 1);
    guard.row(rowSize, width);
    guard.columns(rowSize, from, to);
    guard.rows(rows, positions, rowSize);
    guard.reads(locator, 2 * positions);
    guard.writes(work, (count + 1) * width);
    for (const position of guard.words(missing, count)) {
      guard.whole(position, first, positions - 1);
      guard.writes(out + (position - first) * rowSize, rowSize);
    }
  },
  rlc_coefficients: (guard, field, seed, count, out) => {
    guard.tables(field);
    guard.symbols(count);
    guard.reads(seed, HASH);
    guard.writes(out, count * COMBINATION);
  },
  rlc_tables: (guard, coefficients, count, tables) => {
    guard.symbols(count);
    guard.reads(coefficients, count * COMBINATION);
    guard.writes(tables, 4 * count * COMBINATION);
  },
  rlc_check: (guard, field, tables, extended, rows, count, rowSize, indices, verdicts) => {
    guard.tables(field);
    guard.row(rowSize, 64);
    guard.reads(tables, 2 * rowSize * COMBINATION);
    guard.reads(rows, count * rowSize);
    guard.writes(verdicts, count);
    for (const index of guard.words(indices, count)) guard.reads(extended + index * COMBINATION, COMBINATION);
  },
  rlc_work_bytes: (guard, count) => guard.whole(count, 1, MAX_CODE_POSITIONS),
  rlc_rows: (guard, field, coefficients, rows, count, rowSize, work, out) => {
    guard.tables(field);
    guard.row(rowSize, 64);
    guard.whole(count, 1, MAX_CODE_POSITIONS);
    guard.reads(coefficients, (rowSize / 2) * COMBINATION);
    guard.reads(rows, count * rowSize);
    guard.writes(work, guard.combinationWork(count));
    guard.writes(out, count * COMBINATION);
  },
  rlc_leaves: (guard, combinations, count, out) => {
    guard.reads(combinations, count * COMBINATION);
    guard.writes(out, count * HASH);
  },
  merkle_leaves: (guard, rows, count, length, out) => {
    guard.row(length, 64);
    guard.reads(rows, count * length);
    guard.writes(out, count * HASH);
  },
  merkle_tree: (guard, nodes, leaves) => {
    guard.powerOfTwo(leaves, MAX_CODE_POSITIONS);
    guard.writes(nodes, 2 * leaves * HASH);
  },
  merkle_check: (guard, hashes, indices, paths, count, levels, root, work, verdicts) => {
    guard.whole(levels, 0, Math.log2(MAX_CODE_POSITIONS));
    guard.writes(hashes, count * HASH);
    guard.reads(indices, 4 * count);
    guard.reads(paths, count * levels * HASH);
    guard.reads(root, HASH);
    guard.writes(work, 2 * count * HASH);
    guard.writes(verdicts, count);
  },
  sha256: (guard, data, length, out) => {
    guard.whole(length, 0, 2 ** 29 - 1); // its bits are counted in one word
    guard.reads(data, length);
    guard.writes(out, HASH);
  },
  keccak256: (guard, data, length, out) => {
    guard.reads(data, length);
    guard.writes(out, HASH);
  },
  file_tree: (guard, data, withData, chunks, levels) => {
    guard.whole(chunks, 1, MAX_CODE_POSITIONS);
    guard.whole(withData, 0, chunks);
    guard.reads(data, 256 * withData);
    let nodes = chunks;
    for (let level = chunks; level > 1; nodes += level) level = Math.ceil(level / 2);
    guard.writes(levels, nodes * HASH);
  },
};

/** What the checks are made of. Each throws INTERNAL: no caller's bytes or counts come this far unchecked. */
class Guard {
  readonly #raw: KernelExports;
  readonly #memory: WebAssembly.Memory;
  readonly #bounds: () => Bounds;

  constructor(raw: KernelExports, memory: WebAssembly.Memory, bounds: () => Bounds) {
    this.#raw = raw;
    this.#memory = memory;
    this.#bounds = bounds;
  }

  get bounds(): Bounds {
    return this.#bounds();
  }

  that(holds: boolean): void {
    if (!holds) throw new PerigeeError('INTERNAL', 'the kernel was called with counts or addresses that it cannot take');
  }

  whole(value: number, from: number, to: number): void {
    this.that(Number.isInteger(value) && value >= from && value <= to);
  }

  powerOfTwo(value: number, most: number): void {
    this.whole(value, 1, most);
    this.that(Number.isInteger(Math.log2(value)));
  }

  reads(address: number, bytes: number): void {
    const { base, end } = this.bounds;
    this.whole(bytes, 0, end);
    this.whole(address, base, end - bytes);
  }

  writes(address: number, bytes: number): void {
    this.reads(address, bytes);
    const [from, to] = this.bounds.field;
    this.that(address + bytes <= from || address >= to);
  }

  tables(field: number): void {
    const [from, to] = this.bounds.field;
    this.that(to > from && field === from);
  }

  row(rowSize: number, width: number): void {
    this.whole(rowSize, 64, MAX_CODEC_ROW_BYTES);
    this.whole(width, 64, MAX_CODEC_ROW_BYTES);
    this.that(rowSize % 64 === 0 && width % 64 === 0);
  }

  columns(rowSize: number, from: number, to: number): void {
    this.whole(to, 0, rowSize);
    this.whole(from, 0, to);
    this.that(from % 64 === 0 && to % 64 === 0);
  }

  symbols(count: number): void {
    this.whole(count, 32, MAX_CODEC_ROW_BYTES / 2);
    this.that(count % 32 === 0);
  }

  code(k: number, n: number, high: number, rowSize: number, width: number): void {
    this.whole(k, 1, MAX_CODE_POSITIONS - 1);
    this.whole(n, 1, MAX_CODE_POSITIONS - k);
    this.whole(high, 0, 1);
    const [spread, plain] = high === 1 ? [n, k] : [k, n];
    this.that(2 ** Math.ceil(Math.log2(spread)) + plain <= MAX_CODE_POSITIONS);
    if (rowSize !== 2 * COMBINATION || width !== rowSize) this.row(rowSize, width);
  }

  encodeWork(k: number, n: number, high: number, width: number): number {
    return this.#raw.encode_work_bytes(k, n, high, width);
  }

  combinationWork(count: number): number {
    return this.#raw.rlc_work_bytes(count);
  }

  /** Little-endian words that are read as counts or addresses by the kernel. */
  words(address: number, count: number): Uint32Array {
    this.reads(address, 4 * count);
    this.that(address % 4 === 0);
    return new Uint32Array(this.#memory.buffer, address, count);
  }

  /** Addresses of rows at their positions, 0 for none. */
  rows(address: number, positions: number, rowSize: number): void {
    const { base, end } = this.bounds;
    const last = end - rowSize;
    for (const row of this.words(address, positions)) if (row !== 0) this.that(row >= base && row <= last);
  }
}

/**
 * The kernel's functions behind their checks. A call that traps all the same (memory that the host took away) gives the stack back, so
 * that the next one finds the kernel as it was.
 */
export function guarded(raw: KernelExports, memory: WebAssembly.Memory, bounds: () => Bounds): KernelExports {
  const guard = new Guard(raw, memory, bounds);
  const stack = raw.__stack_pointer.value;
  const calls: Record<string, unknown> = { __heap_base: raw.__heap_base, __stack_pointer: raw.__stack_pointer };
  for (const [name, check] of Object.entries(CHECKS)) {
    const run = raw[name as keyof Functions] as (...args: number[]) => number;
    const checkOf = check as (guard: Guard, ...args: number[]) => void;
    calls[name] = (...args: number[]): number => {
      checkOf(guard, ...args);
      try {
        return run(...args);
      } catch (cause) {
        raw.__stack_pointer.value = stack;
        throw new PerigeeError('INTERNAL', `the kernel trapped in ${name}`, { cause });
      }
    };
  }
  // CHECKS has each name of KernelExports, as its type says
  return calls as unknown as KernelExports;
}
