/**
 * The AVL+ tree, with the shape that cosmos/iavl gives it: values in leaves only, a leaf splits into two where a key is added, a
 * removed leaf's sibling takes its parent's place, and every node that is touched or turned takes the version of the block.
 */
import { compare, equal, PerigeeError } from '@perigee/wire';
import { type Child, type Inner, isLeaf, isRef, type Leaf, type Load, type NodeRef, type TreeNode } from './node.ts';
import type { StateWrite } from './view.ts';

export function lookup(root: Child | undefined, key: Uint8Array, load: Load): Uint8Array | undefined {
  let at = root;
  while (at !== undefined) {
    const node: TreeNode = isRef(at) ? load(at) : at;
    if (isLeaf(node)) return equal(node.key, key) ? node.value : undefined;
    at = compare(key, node.key) < 0 ? node.left : node.right;
  }
  return undefined;
}

/** Changes a tree for one block, and remembers which nodes on disk the new tree no longer holds. */
export class TreeEdit {
  readonly orphans: NodeRef[] = [];
  readonly #load: Load;
  readonly #version: number;
  #root: Child | undefined;

  constructor(root: Child | undefined, version: number, load: Load) {
    this.#root = root;
    this.#version = version;
    this.#load = load;
  }

  get root(): Child | undefined {
    return this.#root;
  }

  /**
   * Apply writes ascending by key, the same tree as one by one: what only changes values leaves the shape as it is, so all of it is done in one
   * walk, and what adds or removes keys afterwards, in order.
   */
  apply(writes: readonly StateWrite[]): void {
    const rest: StateWrite[] = [];
    if (this.#root === undefined) rest.push(...writes);
    else this.#root = this.#update(this.#root, writes, 0, writes.length, rest);
    for (const { key, value } of rest) {
      if (value === undefined) this.remove(key);
      else this.set(key, value);
    }
  }

  /** @returns whether the tree changed; writing what is already there is no write */
  set(key: Uint8Array, value: Uint8Array): boolean {
    const held = lookup(this.#root, key, this.#load);
    if (held !== undefined && equal(held, value)) return false;
    const leaf: Leaf = { height: 0, size: 1, version: this.#version, key, value };
    this.#root = this.#root === undefined ? leaf : this.#set(this.#root, leaf);
    return true;
  }

  /** @returns whether the key was there */
  remove(key: Uint8Array): boolean {
    if (this.#root === undefined || lookup(this.#root, key, this.#load) === undefined) return false;
    this.#root = this.#remove(this.#root, key).rest;
    return true;
  }

  /** @param rest takes the writes from `from` to `to` that add or remove a key */
  #update(child: Child, writes: readonly StateWrite[], from: number, to: number, rest: StateWrite[]): Child {
    const node = this.#peek(child);
    if (isLeaf(node)) {
      let changed: Leaf | undefined;
      for (let i = from; i < to; i++) {
        const write = writes[i] as StateWrite;
        const { value } = write;
        if (!equal(write.key, node.key)) {
          if (value !== undefined) rest.push(write);
        } else if (value === undefined) rest.push(write);
        else if (!equal(value, node.value)) changed = { height: 0, size: 1, version: this.#version, key: node.key, value };
      }
      if (changed === undefined) return child;
      this.#take(child);
      return changed;
    }
    let split = from;
    for (let end = to; split < end; ) {
      const middle = (split + end) >> 1;
      if (compare((writes[middle] as StateWrite).key, node.key) < 0) split = middle + 1;
      else end = middle;
    }
    const left = split > from ? this.#update(node.left, writes, from, split, rest) : node.left;
    const right = to > split ? this.#update(node.right, writes, split, to, rest) : node.right;
    if (left === node.left && right === node.right) return child;
    this.#take(child);
    return this.#inner(node.key, left, right);
  }

  #set(child: Child, leaf: Leaf): Child {
    if (child.height === 0) {
      const { key } = this.#peek(child);
      const order = compare(leaf.key, key);
      if (order < 0) return this.#inner(key, leaf, child);
      if (order > 0) return this.#inner(leaf.key, child, leaf);
      this.#take(child);
      return leaf;
    }
    const node = this.#takeInner(child);
    return this.#balance(
      compare(leaf.key, node.key) < 0
        ? this.#inner(node.key, this.#set(node.left, leaf), node.right)
        : this.#inner(node.key, node.left, this.#set(node.right, leaf)),
    );
  }

  /** `smallest` is the new smallest key of the subtree, where removing changed it. */
  #remove(child: Child, key: Uint8Array): { rest: Child | undefined; smallest?: Uint8Array } {
    if (child.height === 0) {
      this.#take(child);
      return { rest: undefined };
    }
    const node = this.#takeInner(child);
    if (compare(key, node.key) < 0) {
      const { rest, smallest } = this.#remove(node.left, key);
      if (rest === undefined) return { rest: node.right, smallest: node.key };
      const balanced = this.#balance(this.#inner(node.key, rest, node.right));
      return smallest === undefined ? { rest: balanced } : { rest: balanced, smallest };
    }
    const { rest, smallest } = this.#remove(node.right, key);
    if (rest === undefined) return { rest: node.left };
    return { rest: this.#balance(this.#inner(smallest ?? node.key, node.left, rest)) };
  }

  #balance(node: Inner): Inner {
    const lean = node.left.height - node.right.height;
    if (lean > 1) {
      const left = this.#takeInner(node.left);
      const inside = left.left.height >= left.right.height ? left : this.#rotateLeft(left);
      return this.#rotateRight(this.#inner(node.key, inside, node.right));
    }
    if (lean < -1) {
      const right = this.#takeInner(node.right);
      const inside = right.right.height >= right.left.height ? right : this.#rotateRight(right);
      return this.#rotateLeft(this.#inner(node.key, node.left, inside));
    }
    return node;
  }

  #rotateRight(node: Inner): Inner {
    const left = this.#takeInner(node.left);
    return this.#inner(left.key, left.left, this.#inner(node.key, left.right, node.right));
  }

  #rotateLeft(node: Inner): Inner {
    const right = this.#takeInner(node.right);
    return this.#inner(right.key, this.#inner(node.key, node.left, right.left), right.right);
  }

  #inner(key: Uint8Array, left: Child, right: Child): Inner {
    return {
      height: 1 + Math.max(left.height, right.height),
      size: left.size + right.size,
      version: this.#version,
      key,
      left,
      right,
    };
  }

  #peek(child: Child): TreeNode {
    return isRef(child) ? this.#load(child) : child;
  }

  /** Reads a node that the new tree will replace. */
  #take(child: Child): TreeNode {
    if (isRef(child)) this.orphans.push(child);
    return this.#peek(child);
  }

  #takeInner(child: Child): Inner {
    const node = this.#take(child);
    if (isLeaf(node))
      throw new PerigeeError('STORE_CORRUPT', `node ${node.version} of the state is a leaf where a branch was written`);
    return node;
  }
}
