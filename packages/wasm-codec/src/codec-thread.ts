import { concat } from '@perigee/wire';
import { COMBINATION_BYTES, coefficients } from './commit.ts';
import { HashChoice } from './hash-choice.ts';
import { Kernel } from './kernel.ts';
import { columnsOf, type ThreadPlan, threadSpace } from './thread-plan.ts';
import type { RowCommitment, Sha256 } from './types.ts';

/**
 * One of the threads that extend and commit to rows, either in a memory that they share or each in one of its own. The steps are extend, hash, combine
 * and `finish`; all threads must have ended one before any begins the next. A step is cut into runs, and a thread does those that it is told to.
 */
export class CodecThread {
  readonly #kernel: Kernel;

  /**
   * @param options `memory` of the pages that the plan names; `module` of the bytes that `kernelFor` gives; `index` from 0, different
   *   in each thread of one memory
   */
  constructor(options: {
    readonly module: WebAssembly.Module;
    readonly memory: WebAssembly.Memory;
    readonly index: number;
    readonly sha256?: Sha256;
    readonly now?: () => number;
  }) {
    const choice = options.now && new HashChoice(options.now);
    this.#kernel = new Kernel(options.module, options.memory, options.sha256, choice, threadSpace(options.index));
  }

  /** Parity of the columns of each run. */
  extend(plan: ThreadPlan, runs: Iterable<number>): void {
    const { k, n, rowSize, rows, columns } = plan;
    const kernel = this.#kernel;
    const { field } = kernel;
    kernel.scratch((allocate) => {
      const work = allocate(kernel.call.encode_work_bytes(k, n, 1, columns));
      for (const run of runs) {
        const [from, to] = columnsOf(plan, run);
        kernel.call.encode(field, rows, rows + k * rowSize, work, k, n, 1, rowSize, columns, from, to);
      }
    });
  }

  /** Leaf hashes of the rows of each run, and the part of the tree above them. */
  hash(plan: ThreadPlan, runs: Iterable<number>): void {
    const { k, n, rowSize, rows, nodes, hashRuns } = plan;
    const kernel = this.#kernel;
    const count = (k + n) / hashRuns;
    kernel.scratch((allocate) => {
      const part = allocate(64 * count);
      for (const run of runs) {
        kernel.leafHashes(rows + run * count * rowSize, count, rowSize, part + 32 * count);
        kernel.call.merkle_tree(part, count);
        for (let level = count; level >= 1; level /= 2)
          kernel.bytes.copyWithin(nodes + 32 * level * (hashRuns + run), part + 32 * level, part + 64 * level);
      }
    });
  }

  /** Combinations of the original rows of each run, and the root over them. */
  combine(plan: ThreadPlan, runs: Iterable<number>): void {
    const { k, rowSize, rows, combinations, combinedTop, combinedRuns } = plan;
    const kernel = this.#kernel;
    const count = k / combinedRuns;
    kernel.scratch((allocate) => {
      const drawn = allocate((rowSize / 2) * COMBINATION_BYTES);
      const work = allocate(kernel.call.rlc_work_bytes(count));
      const part = allocate(64 * count);
      coefficients(kernel, this.#rootOf(plan.nodes, plan.hashRuns), plan, drawn);
      for (const run of runs) {
        const out = combinations + run * count * COMBINATION_BYTES;
        kernel.call.rlc_rows(kernel.field, drawn, rows + run * count * rowSize, count, rowSize, work, out);
        kernel.call.rlc_leaves(out, count, part + 32 * count);
        kernel.call.merkle_tree(part, count);
        kernel.write(combinedTop + 32 * (combinedRuns + run), kernel.read(part + 32, 32));
      }
    });
  }

  /** What was committed to; the rows and the nodes of the tree lie where the plan has them. */
  finish(plan: ThreadPlan): Omit<RowCommitment, 'tree'> {
    const { k, n, rowSize, nodes, hashRuns, combinations, combinedTop, combinedRuns } = plan;
    const kernel = this.#kernel;
    kernel.call.merkle_tree(nodes, hashRuns);
    kernel.write(nodes, new Uint8Array(32));
    const rowRoot = kernel.read(nodes + 32, 32);
    const rlcRoot = this.#rootOf(combinedTop, combinedRuns);
    const commitment = kernel.sha256(concat(rowRoot, rlcRoot));
    return { k, n, rowSize, commitment, rowRoot, rlcRoot, rlcOriginal: kernel.read(combinations, k * COMBINATION_BYTES) };
  }

  /** Root of a heap of which only the leaves are there. */
  #rootOf(nodes: number, leaves: number): Uint8Array {
    const kernel = this.#kernel;
    return kernel.scratch((allocate) => {
      const top = allocate(64 * leaves);
      kernel.bytes.copyWithin(top + 32 * leaves, nodes + 32 * leaves, nodes + 64 * leaves);
      kernel.call.merkle_tree(top, leaves);
      return kernel.read(top + 32, 32);
    });
  }
}
