import { PerigeeError } from '@perigee/wire';
import { type FileHash, levelsOver } from './hash.ts';

/** A tree whose nodes are all there: pairs from left to right, a last node without a sibling goes up as it is. */
export class HashTree {
  readonly leaves: number;
  readonly #levels: Uint8Array;

  /** @param levels as `levelsOver` and `FileHash.levels` give them */
  constructor(levels: Uint8Array, leaves: number) {
    this.leaves = leaves;
    this.#levels = levels;
  }

  /** @param leaves hashes of 32 bytes, one after another, at least one */
  static over(leaves: Uint8Array, hash: FileHash): HashTree {
    return new HashTree(levelsOver(leaves, hash), leaves.length / 32);
  }

  get root(): Uint8Array {
    return this.#levels.slice(-32);
  }

  /** @throws INVALID_ARGUMENT when there is none */
  node(level: number, index: number): Uint8Array {
    const [from, count] = this.#level(level);
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `there is no node ${index} on level ${level} of a tree of ${this.leaves} leaves`,
      );
    }
    return this.#levels.slice(32 * (from + index), 32 * (from + index + 1));
  }

  /** Siblings of a leaf and of each node above it, from the leaf up. @throws INVALID_ARGUMENT */
  path(leaf: number): Uint8Array[] {
    const siblings: Uint8Array[] = [];
    let index = leaf;
    this.node(0, leaf);
    for (let level = 0, count = this.leaves; count > 1; level++) {
      const sibling = index % 2 === 0 ? index + 1 : index - 1;
      if (sibling < count) siblings.push(this.node(level, sibling));
      index = Math.floor(index / 2);
      count = Math.ceil(count / 2);
    }
    return siblings;
  }

  /** First node of a level among all, and how many it has. */
  #level(level: number): [from: number, count: number] {
    let from = 0;
    let count = this.leaves;
    for (let at = 0; at < level; at++) {
      if (count === 1) return [from, 0];
      from += count;
      count = Math.ceil(count / 2);
    }
    return [from, count];
  }
}
