import { MAX_PROOF_DEPTH, MAX_STATE_KEY_BYTES, MAX_STATE_VALUE_BYTES, PerigeeError } from '@perigee/wire';
import type { Write } from '../db/index.ts';
import type { ExportedNode } from './export.ts';
import type { NodeRef, TreeNode } from './node.ts';
import { type NodeStore, placeNode } from './node-store.ts';
import { FIRST_PAGE, type PageWriter } from './page-writer.ts';

/** A node that has no parent yet. */
interface Pending {
  readonly ref: NodeRef;
  /** Smallest key below it. */
  readonly smallest: Uint8Array;
}

/**
 * Builds one tree from its nodes in the order of `exportNodes`. What it takes from a node is what the root's hash covers; the rest, the keys
 * of branches, follows from it.
 */
export class TreeRestore {
  readonly #height: number;
  readonly #pending: Pending[] = [];
  readonly #pages: PageWriter;

  /** @param height of the state: no node is newer */
  constructor(store: NodeStore, height: number) {
    this.#pages = store.writer(FIRST_PAGE);
    this.#height = height;
  }

  /** Whether no node was added. */
  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** Number of the page after those that were filled. */
  get nextPage(): number {
    return this.#pages.next;
  }

  /** @throws PARSE when the node cannot be one of this tree */
  add({ version, leaf }: ExportedNode): void {
    if (version < 1 || version > this.#height) throw bad(`a node is of height ${version}`);
    const [node, smallest] = leaf === undefined ? this.#branch(version) : leafOf(version, leaf);
    this.#pending.push({ ref: placeNode(node, this.#pages), smallest });
    // a path of a balanced tree has fewer; more would be memory that a stranger fills
    if (this.#pending.length > MAX_PROOF_DEPTH) throw bad(`${this.#pending.length} nodes wait for a parent`);
  }

  /** @returns what was added since the last call, to be written */
  flush(): Write[] {
    return this.#pages.flush();
  }

  /** @throws PARSE unless all nodes hang on one root */
  root(): NodeRef {
    const [root, ...others] = this.#pending;
    if (root === undefined || others.length > 0) throw bad(`${this.#pending.length} nodes have no parent; one is due`);
    return root.ref;
  }

  #branch(version: number): readonly [TreeNode, Uint8Array] {
    const right = this.#pending.pop();
    const left = this.#pending.pop();
    if (left === undefined || right === undefined) throw bad('a branch comes before its children');
    const height = 1 + Math.max(left.ref.height, right.ref.height);
    // a place on disk has one byte for it
    if (height > MAX_PROOF_DEPTH) throw bad(`a branch is ${height} nodes high`);
    const size = left.ref.size + right.ref.size;
    return [{ height, size, version, key: right.smallest, left: left.ref, right: right.ref }, left.smallest];
  }
}

function leafOf(version: number, { key, value }: NonNullable<ExportedNode['leaf']>): readonly [TreeNode, Uint8Array] {
  if (key.length === 0 || key.length > MAX_STATE_KEY_BYTES || value.length > MAX_STATE_VALUE_BYTES) {
    throw bad(`an entry has ${key.length} and ${value.length} bytes`);
  }
  return [{ height: 0, size: 1, version, key, value }, key];
}

function bad(what: string): PerigeeError {
  return new PerigeeError('PARSE', `a snapshot of the state cannot be right: ${what}`);
}
