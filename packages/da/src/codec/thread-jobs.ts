import { type CodecThread, columnsOf, type RowCommitment, type ThreadPlan } from '@perigee/wasm-codec';
import { PerigeeError } from '@perigee/wire';
import { type Transferred, transfer } from '@perigee/workers';
import { ownRuns, range, type Step, takeRuns } from './take-runs.ts';

/** A thread of a blob. `id` names the memory: a worker keeps the thread that it has, until another is wanted. */
export interface ThreadAt {
  readonly id: number;
  readonly plan: ThreadPlan;
  readonly index: number;
}

/** Columns of some rows of parity, row after row, on their way from who made them to who hashes the rows. */
export interface ParityPiece {
  /** Which thread made it. */
  readonly from: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a thread that shares no memory has made of its rows. */
export interface HashedPart {
  /** Rows of parity, one after another. */
  readonly parity: Uint8Array<ArrayBuffer>;
  /** Nodes of the tree that are above its rows: those of each level, from the leaves up. */
  readonly nodes: Uint8Array<ArrayBuffer>;
}

type Made = Omit<RowCommitment, 'tree'>;

/** Jobs of one thread among several that extend a blob. */
export function createThreadJobs(load: (memory: WebAssembly.Memory, index: number) => Promise<CodecThread>) {
  let kept: { readonly id: number; readonly memory: WebAssembly.Memory; readonly thread: CodecThread } | undefined;

  const threadOf = async ({ id, plan, index }: ThreadAt, shared?: WebAssembly.Memory) => {
    if (kept?.id === id) return kept;
    kept = undefined; // its memory can go before there is another
    const memory = shared ?? new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages });
    kept = { id, memory, thread: await load(memory, index) };
    return kept;
  };
  /** The thread that an earlier step of this blob has left here, where its memory is its own. */
  const again = ({ id }: ThreadAt) => {
    if (kept?.id !== id) throw new PerigeeError('INTERNAL', 'the worker died between two steps of a blob');
    return { thread: kept.thread, bytes: new Uint8Array(kept.memory.buffer) };
  };

  return {
    /** A step of all threads in one memory. */
    step: async (input: ThreadAt & { readonly memory: WebAssembly.Memory; readonly step: Step }): Promise<void> => {
      const { plan, memory, step } = input;
      const { thread } = await threadOf(input, memory);
      const control = new Int32Array(memory.buffer, plan.control);
      const count = { extend: plan.columnRuns, hash: plan.hashRuns, combine: plan.combinedRuns }[step];
      thread[step](plan, takeRuns(control, step, count));
    },

    finish: async (input: ThreadAt & { readonly memory: WebAssembly.Memory }): Promise<Made> => {
      const { thread } = await threadOf(input, input.memory);
      return thread.finish(input.plan);
    },

    /** Without a memory to share: parity of this thread's columns. @returns for each thread its rows of them */
    extendColumns: async (
      input: ThreadAt & { readonly original: Uint8Array },
    ): Promise<Transferred<readonly Uint8Array<ArrayBuffer>[]>> => {
      const { plan, index, original } = input;
      const { thread, memory } = await threadOf(input);
      new Uint8Array(memory.buffer).set(original, plan.rows);
      const runs = ownRuns(plan.columnRuns, index, plan.threads);
      thread.extend(plan, range(runs));
      const pieces = Array.from({ length: plan.threads }, (_, to) => {
        if (to === index) return new Uint8Array(); // they are where they belong
        return copyColumns(new Uint8Array(memory.buffer), plan, index, to);
      });
      return transfer(
        pieces,
        pieces.map(({ buffer }) => buffer),
      );
    },

    /** Hashes this thread's rows, of which the others made some columns. */
    hashRows: (input: ThreadAt & { readonly pieces: readonly ParityPiece[] }): Transferred<HashedPart> => {
      const { plan, index, pieces } = input;
      const { thread, bytes } = again(input);
      for (const { from, bytes: columns } of pieces) pasteColumns(bytes, plan, from, index, columns);
      const runs = ownRuns(plan.hashRuns, index, plan.threads);
      thread.hash(plan, range(runs));
      const { from, to } = rowsOf(plan, index);
      const first = Math.max(from, plan.k);
      const parity = bytes.slice(plan.rows + first * plan.rowSize, plan.rows + Math.max(first, to) * plan.rowSize);
      const nodes = nodesOf(bytes, plan, index);
      return transfer({ parity, nodes }, [parity.buffer, nodes.buffer]);
    },

    /** Combines this thread's original rows, once the whole tree is known. */
    combineRows: (
      input: ThreadAt & { readonly nodes: Uint8Array },
    ): { readonly combinations: Uint8Array; readonly top: Uint8Array } => {
      const { plan, index, nodes } = input;
      const { thread, bytes } = again(input);
      bytes.set(nodes, plan.nodes + 32 * plan.hashRuns);
      const runs = ownRuns(plan.combinedRuns, index, plan.threads);
      thread.combine(plan, range(runs));
      const size = (16 * plan.k) / plan.combinedRuns;
      const { combinations, combinedTop, combinedRuns } = plan;
      return {
        combinations: bytes.slice(combinations + size * runs.from, combinations + size * runs.to),
        top: bytes.slice(combinedTop + 32 * (combinedRuns + runs.from), combinedTop + 32 * (combinedRuns + runs.to)),
      };
    },

    /** Puts together what all have combined. @param input of all threads, in order @returns besides, the nodes of the tree above all runs */
    finishRows: (
      input: ThreadAt & { readonly combinations: readonly Uint8Array[]; readonly tops: readonly Uint8Array[] },
    ): Made & { readonly top: Uint8Array } => {
      const { plan } = input;
      const { thread, bytes } = again(input);
      place(bytes, plan.combinations, input.combinations);
      place(bytes, plan.combinedTop + 32 * plan.combinedRuns, input.tops);
      const made = thread.finish(plan);
      return { ...made, top: bytes.slice(plan.nodes + 32, plan.nodes + 32 * plan.hashRuns) };
    },
  };
}

/** Rows that thread `index` hashes, from and to. */
export function rowsOf({ k, n, hashRuns, threads }: ThreadPlan, index: number): { readonly from: number; readonly to: number } {
  const rows = (k + n) / hashRuns;
  const { from, to } = ownRuns(hashRuns, index, threads);
  return { from: from * rows, to: to * rows };
}

/** Nodes above the rows of a thread, level by level from the leaves up to the roots of its runs. */
function nodesOf(bytes: Uint8Array, plan: ThreadPlan, index: number): Uint8Array<ArrayBuffer> {
  const levels = [...nodeLevels(plan, index)];
  const out = new Uint8Array(levels.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { offset, length } of levels) {
    out.set(bytes.subarray(plan.nodes + offset, plan.nodes + offset + length), at);
    at += length;
  }
  return out;
}

/** Where these nodes lie in the heap, bytes. */
export function* nodeLevels(
  plan: ThreadPlan,
  index: number,
): Generator<{ readonly offset: number; readonly length: number }, void, undefined> {
  const { from, to } = ownRuns(plan.hashRuns, index, plan.threads);
  for (let each = (plan.k + plan.n) / plan.hashRuns; each >= 1; each /= 2)
    yield { offset: 32 * each * (plan.hashRuns + from), length: 32 * each * (to - from) };
}

/** Columns that `maker` made of the parity rows that `taker` hashes: for each row from which byte of all to which, and its place in a piece. */
function* columnsBetween(
  plan: ThreadPlan,
  maker: number,
  taker: number,
): Generator<readonly [from: number, to: number, at: number]> {
  const { k, rowSize, rows } = plan;
  const runs = ownRuns(plan.columnRuns, maker, plan.threads);
  if (runs.from === runs.to) return;
  const [from] = columnsOf(plan, runs.from);
  const [, to] = columnsOf(plan, runs.to - 1);
  const taken = rowsOf(plan, taker);
  let at = 0;
  for (let row = Math.max(k, taken.from); row < taken.to; row++, at += to - from)
    yield [rows + row * rowSize + from, rows + row * rowSize + to, at];
}

function copyColumns(bytes: Uint8Array, plan: ThreadPlan, maker: number, taker: number): Uint8Array<ArrayBuffer> {
  const spans = [...columnsBetween(plan, maker, taker)];
  const piece = new Uint8Array(spans.reduce((sum, [from, to]) => sum + to - from, 0));
  for (const [from, to, at] of spans) piece.set(bytes.subarray(from, to), at);
  return piece;
}

function pasteColumns(bytes: Uint8Array, plan: ThreadPlan, maker: number, taker: number, piece: Uint8Array): void {
  for (const [from, to, at] of columnsBetween(plan, maker, taker)) bytes.set(piece.subarray(at, at + to - from), from);
}

/** Parts one after another. */
function place(bytes: Uint8Array, at: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
}
