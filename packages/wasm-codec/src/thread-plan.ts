import { MAX_CODEC_MEMORY_BYTES, PerigeeError } from '@perigee/wire';
import { COMBINATION_BYTES } from './commit.ts';
import { INITIAL_PAGES } from './kernel.ts';
import { checkCommitted, columnWidth } from './shape.ts';
import type { RowShape } from './types.ts';

const PAGE_BYTES = 65_536;
/** Address space of one thread: its stack, field tables and work space. What it does not touch takes no memory. */
const THREAD_BYTES = 256 * PAGE_BYTES;
/** Counters by which threads that share the memory take runs. */
const CONTROL_BYTES = PAGE_BYTES;
/** Rows are hashed in so many runs, each of which ends in the root of its own part of the tree. */
const MAX_RUNS = 64;
/** Rows of a run of combinations at least: each run makes its tables anew. */
const MIN_COMBINED_ROWS = 64;
const MAX_COMBINED_RUNS = 8;

/** Where everything lies in the memory that threads share, and what is handed out to them. */
export interface ThreadPlan extends RowShape {
  readonly threads: number;
  /** Pages of memory. */
  readonly pages: number;
  readonly control: number;
  /** Heap of K + N leaves; see `RowTree`. */
  readonly nodes: number;
  readonly combinations: number;
  /** Heap of `combinedRuns` leaves: roots over the combinations of each run. */
  readonly combinedTop: number;
  /** K + N rows, one after another. */
  readonly rows: number;
  /** Bytes of each row that one run of the encoder works on. */
  readonly columns: number;
  readonly columnRuns: number;
  readonly hashRuns: number;
  readonly combinedRuns: number;
}

/**
 * @param threads that will work on the rows
 * @throws BLOB_GEOMETRY, ROW_SIZE, OUT_OF_MEMORY
 */
export function planThreads(shape: RowShape, threads: number): ThreadPlan {
  checkCommitted(shape);
  const { k, n, rowSize } = shape;
  let end = INITIAL_PAGES * PAGE_BYTES + threads * THREAD_BYTES;
  const take = (bytes: number): number => {
    const at = end;
    end += Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    return at;
  };
  const hashRuns = Math.min(MAX_RUNS, k + n);
  const combinedRuns = Math.max(1, Math.min(MAX_COMBINED_RUNS, k / MIN_COMBINED_ROWS));
  const columns = columnWidth(2 * Math.min(k, n), rowSize);
  const plan = {
    k,
    n,
    rowSize,
    threads,
    columns,
    columnRuns: Math.ceil(rowSize / columns),
    hashRuns,
    combinedRuns,
    control: take(CONTROL_BYTES),
    nodes: take(64 * (k + n)),
    combinations: take(k * COMBINATION_BYTES),
    combinedTop: take(64 * combinedRuns),
    rows: take((k + n) * rowSize),
  };
  if (end > MAX_CODEC_MEMORY_BYTES) {
    const words = `${threads} threads need ${end} bytes for these rows and may have ${MAX_CODEC_MEMORY_BYTES}`;
    throw new PerigeeError('OUT_OF_MEMORY', words, { data: { needed: end, limit: MAX_CODEC_MEMORY_BYTES } });
  }
  return { ...plan, pages: end / PAGE_BYTES };
}

/** Address space of thread `index`, from `base` to `limit`; the first page is its stack. */
export function threadSpace(index: number): { readonly stackTop: number; readonly base: number; readonly limit: number } {
  const start = INITIAL_PAGES * PAGE_BYTES + index * THREAD_BYTES;
  return { stackTop: start + PAGE_BYTES, base: start + PAGE_BYTES, limit: start + THREAD_BYTES };
}

/** Bytes of each row, from and to, that a run of the encoder works on. */
export function columnsOf({ columns, rowSize }: ThreadPlan, run: number): readonly [from: number, to: number] {
  return [run * columns, Math.min((run + 1) * columns, rowSize)];
}
