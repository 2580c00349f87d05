/** The flow: all submitted files one after another, as one tree over sectors (0G's `FlowTreeLib.sol`). */
import { FILE_SEGMENT_CHUNKS, MAX_FLOW_SECTORS, PerigeeError, type SubmissionNode } from '@perigee/wire';
import { ceilLog2 } from './geometry.ts';
import { type FileHash, parentOf, zeroHash } from './hash.ts';
import { sectorsOf } from './submission.ts';

type Keccak = Pick<FileHash, 'keccak256'>;

/** All that is needed to go on: the full subtrees that the flow is made of. */
export interface Flow {
  /** Sectors so far; the first one is never a file's. */
  readonly length: number;
  /** Roots of its full subtrees, from the smallest, at the end, to the largest: one for each one bit of the length. */
  readonly frontier: readonly Uint8Array[];
}

/** A full subtree: sectors index · 2^height to (index + 1) · 2^height − 1. */
export interface FlowNode {
  readonly height: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** What a submission did to the flow. */
export interface Appended {
  readonly flow: Flow;
  /** First sector of the file. */
  readonly start: number;
  /** The submission's nodes and all full subtrees above that it completes; those of zeros alone are left out. */
  readonly nodes: readonly FlowNode[];
}

/** Height of the flow's tree. */
export function flowDepth(length: number): number {
  return ceilLog2(length);
}

/** A flow as it begins: one sector whose hash is 32 zeros, of no data. */
export function emptyFlow(): Flow {
  return { length: 1, frontier: [new Uint8Array(32)] };
}

/**
 * Where a submission goes: a multiple of its largest node, and the start of a segment if it would cross one. So a file whose start is no start of
 * a segment lies within one.
 */
export function startOf(length: number, nodes: readonly SubmissionNode[]): number {
  const start = align(length, 2 ** (nodes[0]?.height ?? 0));
  const last = start + sectorsOf(nodes) - 1;
  const crosses = Math.floor(start / FILE_SEGMENT_CHUNKS) !== Math.floor(last / FILE_SEGMENT_CHUNKS);
  return start % FILE_SEGMENT_CHUNKS !== 0 && crosses ? align(start, FILE_SEGMENT_CHUNKS) : start;
}

/**
 * @param nodes of a submission that was checked
 * @throws TX_MESSAGE when the flow is full
 */
export function appendToFlow(flow: Flow, nodes: readonly SubmissionNode[], hash: Keccak): Appended {
  const start = startOf(flow.length, nodes);
  if (start + sectorsOf(nodes) > MAX_FLOW_SECTORS) {
    throw new PerigeeError('TX_MESSAGE', `the flow has ${flow.length} sectors and no room for ${sectorsOf(nodes)} more`);
  }
  const end = new FlowEnd(flow, hash);
  end.padTo(start);
  for (const { root, height } of nodes) end.add(root, height);
  return { flow: { length: end.length, frontier: end.frontier() }, start, nodes: end.placed };
}

/** Root of the flow: zeros fill its tree up to a power of two. */
export function flowRootOf({ length, frontier }: Flow, hash: Keccak): Uint8Array {
  const depth = flowDepth(length);
  let rest: Uint8Array | undefined;
  let next = 0;
  for (let height = 0; height < depth; height++) {
    if (bitOf(length, height)) {
      rest = parentOf(frontier[next] as Uint8Array, rest ?? zeroHash(height), hash);
      next += 1;
    } else if (rest !== undefined) rest = parentOf(rest, zeroHash(height), hash);
  }
  return new Uint8Array(rest ?? (frontier[0] as Uint8Array));
}

/** The right edge of the tree while it grows. */
class FlowEnd {
  length: number;
  readonly placed: FlowNode[] = [];
  readonly #hash: Keccak;
  /** By height. */
  readonly #edge: (Uint8Array | undefined)[];

  constructor({ length, frontier }: Flow, hash: Keccak) {
    this.length = length;
    this.#hash = hash;
    let next = 0;
    this.#edge = Array.from({ length: flowDepth(length) + 1 }, (_, height) =>
      bitOf(length, height) ? frontier[next++] : undefined,
    );
  }

  /** Fill up with zeros. */
  padTo(start: number): void {
    while (this.length < start) {
      let height = 0;
      while (!bitOf(this.length, height) && this.length + 2 ** (height + 1) <= start) height += 1;
      this.#push(zeroHash(height), height);
    }
  }

  /** Add a subtree where the length is a multiple of its size. */
  add(hash: Uint8Array, height: number): void {
    this.placed.push({ height, index: this.length / 2 ** height, hash });
    this.#push(hash, height);
  }

  #push(root: Uint8Array, at: number): void {
    let hash = root;
    let height = at;
    let index = this.length / 2 ** at;
    for (; bitOf(index, 0); height++) {
      hash = parentOf(this.#edge[height] as Uint8Array, hash, this.#hash);
      this.#edge[height] = undefined;
      index = Math.floor(index / 2);
      this.placed.push({ height: height + 1, index, hash });
    }
    this.#edge[height] = hash;
    this.length += 2 ** at;
  }

  frontier(): Uint8Array[] {
    return this.#edge.filter((hash) => hash !== undefined);
  }
}

function align(position: number, unit: number): number {
  return Math.ceil(position / unit) * unit;
}

function bitOf(value: number, bit: number): boolean {
  return Math.floor(value / 2 ** bit) % 2 === 1;
}
