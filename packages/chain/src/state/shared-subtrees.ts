/** Subtrees of a block's tree that two threads hash and place, each the next that nobody has: what both know of how far they are. */
import { PerigeeError } from '@perigee/wire';
import type { NodeTable, Row } from './node-table.ts';

const [TAKEN, HELPER] = [0, 1];
const HEAD = 2;
/** What the helper is doing. */
const [ABSENT, HELPING, DONE, TOO_LATE] = [0, 1, 2, 3];
/** More than a block's share can take: a helper that is silent for so long has died. */
const PATIENCE_MS = 60_000;

export class SharedSubtrees {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;

  private constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory);
  }

  /** @param rows roots of the subtrees */
  static of(rows: readonly Row[]): SharedSubtrees {
    const subtrees = new SharedSubtrees(new SharedArrayBuffer(4 * (HEAD + rows.length)));
    subtrees.#numbers.set(rows, HEAD);
    return subtrees;
  }

  /** Those of another thread. */
  static over(memory: SharedArrayBuffer): SharedSubtrees {
    return new SharedSubtrees(memory);
  }

  /** @returns the next, which is the caller's to place; `undefined` when none is left */
  take(): Row | undefined {
    return this.#numbers[HEAD + Atomics.add(this.#numbers, TAKEN, 1)];
  }

  /** @returns whether the helper may take subtrees: not when all is done already */
  join(): boolean {
    return Atomics.compareExchange(this.#numbers, HELPER, ABSENT, HELPING) === ABSENT;
  }

  /** What the helper took is placed. */
  done(): void {
    Atomics.store(this.#numbers, HELPER, DONE);
    Atomics.notify(this.#numbers, HELPER);
  }

  /**
   * Waits until the helper has placed what it took, and stops this thread meanwhile.
   *
   * @returns whether there was a helper: one that comes later has nothing to do
   * @throws INTERNAL when it has died
   */
  awaitHelper(): boolean {
    if (Atomics.compareExchange(this.#numbers, HELPER, ABSENT, TOO_LATE) === ABSENT) return false;
    Atomics.wait(this.#numbers, HELPER, HELPING, PATIENCE_MS);
    if (Atomics.load(this.#numbers, HELPER) !== DONE) {
      throw new PerigeeError('INTERNAL', 'a thread died that placed nodes of the state');
    }
    return true;
  }
}

/** Roots of at least so many subtrees that a block made, ascending, as far as it made so many. */
export function subtreesOf(table: NodeTable, root: Row, least: number): Row[] {
  let rows = [root];
  while (rows.length < least) {
    const below = rows.flatMap((row) => (table.height(row) > 0 ? [table.left(row), table.right(row)] : []));
    const made = below.filter((row) => table.place(row) === 0);
    if (made.length <= rows.length) break;
    rows = made;
  }
  return rows;
}
