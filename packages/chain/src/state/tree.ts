/**
 * The AVL+ tree, with the shape that cosmos/iavl gives it: values in leaves only, a leaf splits into two where a key is added, a
 * removed leaf's sibling takes its parent's place, and every node that is touched or turned takes the version of the block.
 */
import { hash } from 'node:crypto';
import { PerigeeError } from '@perigee/wire';
import type { Digest } from './node.ts';
import type { NodeTable, Row } from './node-table.ts';
import type { NamedEntry } from './view.ts';

/** Changes a tree for one block, and remembers which nodes on disk the new tree no longer holds. */
export class TreeEdit {
  /** Rows on disk that the new tree no longer holds. */
  readonly orphans: Row[] = [];
  /** All rows that were made, those too that the tree has no more. */
  readonly made: Row[] = [];
  readonly table: NodeTable;
  readonly #load: (row: Row) => void;
  readonly #version: number;
  #root: Row | undefined;

  /** @param load sees to it that a row is loaded */
  constructor(table: NodeTable, load: (row: Row) => void, root: Row | undefined, version: number) {
    this.table = table;
    this.#load = load;
    this.#root = root;
    this.#version = version;
  }

  get root(): Row | undefined {
    return this.#root;
  }

  /**
   * Apply writes ascending by key, the same tree as one by one: what only changes values leaves the shape as it is, so all of it is done in one
   * walk, and what adds or removes keys afterwards, in order.
   */
  apply(writes: readonly NamedEntry[]): void {
    const rest: NamedEntry[] = [];
    if (this.#root === undefined) rest.push(...writes);
    else if (writes.length > 0) this.#root = this.#update(this.#root, writes, 0, writes.length, rest);
    for (const { entry } of rest) {
      if (entry.bytes === undefined) this.remove(entry.key);
      else this.set(entry.key, entry.bytes);
    }
  }

  /** Writing what is already there is no write. */
  set(key: Uint8Array, value: Uint8Array): void {
    if (this.#root === undefined) this.#root = this.#leaf(key, value);
    else {
      const found = this.#find(this.#root, key);
      if (found === undefined || !this.table.hasValue(found, value)) this.#root = this.#set(this.#root, key, value);
    }
  }

  remove(key: Uint8Array): void {
    if (this.#root === undefined || this.#find(this.#root, key) === undefined) return;
    this.#root = this.#remove(this.#root, key).rest;
  }

  /** Where on disk they are. */
  orphanPlaces(): number[] {
    return this.orphans.map((row) => this.table.place(row));
  }

  /** The leaf of a key. */
  #find(root: Row, key: Uint8Array): Row | undefined {
    const { table } = this;
    let row = root;
    this.#load(row);
    while (table.height(row) > 0) {
      row = table.compareKey(key, row) < 0 ? table.left(row) : table.right(row);
      this.#load(row);
    }
    return table.compareKey(key, row) === 0 ? row : undefined;
  }

  /** @param rest takes the writes from `from` to `to` that add or remove a key */
  #update(row: Row, writes: readonly NamedEntry[], from: number, to: number, rest: NamedEntry[]): Row {
    const { table } = this;
    this.#load(row);
    if (table.height(row) === 0) return this.#updateLeaf(row, writes, from, to, rest);
    let split = from;
    for (let end = to; split < end; ) {
      const middle = (split + end) >> 1;
      if (table.compareKey((writes[middle] as NamedEntry).entry.key, row) < 0) split = middle + 1;
      else end = middle;
    }
    const left = table.left(row);
    const right = table.right(row);
    const newLeft = split > from ? this.#update(left, writes, from, split, rest) : left;
    const newRight = to > split ? this.#update(right, writes, split, to, rest) : right;
    if (newLeft === left && newRight === right) return row;
    this.#take(row);
    return this.#inner(row, newLeft, newRight);
  }

  #updateLeaf(row: Row, writes: readonly NamedEntry[], from: number, to: number, rest: NamedEntry[]): Row {
    let changed: Uint8Array | undefined;
    for (let i = from; i < to; i++) {
      const write = writes[i] as NamedEntry;
      const { key, bytes: value } = write.entry;
      if (this.table.compareKey(key, row) !== 0) {
        if (value !== undefined) rest.push(write);
      } else if (value === undefined) rest.push(write);
      else if (!this.table.hasValue(row, value)) changed = value;
    }
    if (changed === undefined) return row;
    this.#take(row);
    return this.#leaf(row, changed);
  }

  #set(row: Row, key: Uint8Array, value: Uint8Array): Row {
    const { table } = this;
    this.#load(row);
    const order = table.compareKey(key, row);
    if (table.height(row) === 0) {
      if (order === 0) {
        this.#take(row);
        return this.#leaf(row, value);
      }
      const leaf = this.#leaf(key, value);
      return order < 0 ? this.#inner(row, leaf, row) : this.#inner(leaf, row, leaf);
    }
    const [left, right] = this.#open(row);
    return order < 0
      ? this.#balanced(row, this.#set(left, key, value), right)
      : this.#balanced(row, left, this.#set(right, key, value));
  }

  /** `smallest` is a row with the new smallest key of the subtree, where removing changed it. */
  #remove(row: Row, key: Uint8Array): { rest: Row | undefined; smallest?: Row } {
    if (this.table.height(row) === 0) {
      this.#take(row);
      return { rest: undefined };
    }
    const [left, right] = this.#open(row);
    if (this.table.compareKey(key, row) < 0) {
      const { rest, smallest } = this.#remove(left, key);
      if (rest === undefined) return { rest: right, smallest: row };
      const balanced = this.#balanced(row, rest, right);
      return smallest === undefined ? { rest: balanced } : { rest: balanced, smallest };
    }
    const { rest, smallest } = this.#remove(right, key);
    if (rest === undefined) return { rest: left };
    return { rest: this.#balanced(smallest ?? row, left, rest) };
  }

  /** A new branch over two trees, turned where one is too high. @param keyOf a row with its key */
  #balanced(keyOf: Row, left: Row, right: Row): Row {
    const { table } = this;
    const lean = table.height(left) - table.height(right);
    if (lean > 1) {
      const [outer, inner] = this.#open(left);
      if (table.height(outer) >= table.height(inner)) {
        return this.#inner(left, outer, this.#inner(keyOf, inner, right));
      }
      const [a, b] = this.#open(inner);
      return this.#inner(inner, this.#inner(left, outer, a), this.#inner(keyOf, b, right));
    }
    if (lean < -1) {
      const [inner, outer] = this.#open(right);
      if (table.height(outer) >= table.height(inner)) {
        return this.#inner(right, this.#inner(keyOf, left, inner), outer);
      }
      const [a, b] = this.#open(inner);
      return this.#inner(inner, this.#inner(keyOf, left, a), this.#inner(right, b, outer));
    }
    return this.#inner(keyOf, left, right);
  }

  #inner(keyOf: Row, left: Row, right: Row): Row {
    const row = this.table.addInner(this.#version, keyOf, left, right);
    this.made.push(row);
    return row;
  }

  #leaf(key: Uint8Array | Row, value: Uint8Array): Row {
    const row = this.table.addLeaf(this.#version, key, value, sha256(value));
    this.made.push(row);
    return row;
  }

  /** The new tree will do without a row. */
  #take(row: Row): void {
    if (this.table.place(row) !== 0) this.orphans.push(row);
  }

  /** The children of a branch that the new tree will do without. */
  #open(row: Row): readonly [left: Row, right: Row] {
    const { table } = this;
    this.#load(row);
    this.#take(row);
    if (table.height(row) === 0)
      throw new PerigeeError('STORE_CORRUPT', 'a node of the state is a leaf where a branch was written');
    return [table.left(row), table.right(row)];
  }
}

/** As text, which node makes in a third of the time that a buffer takes. */
function sha256(data: Uint8Array): Digest {
  return hash('sha256', data, 'binary');
}
