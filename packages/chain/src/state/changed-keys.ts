/** Which keys differ between two versions of a tree: what both share is skipped, so it costs what changed, times the height. */
import { type Bound, placeIn } from '@perigee/light-core/state';
import { compare, equal } from '@perigee/wire';
import { type Child, isLeaf, isRef, type Leaf, type Load, type NodeRef } from './node.ts';

interface Range {
  readonly lower: Bound;
  readonly upper: Bound;
}

/** Keys of a range that were added, changed or removed, ascending. */
export function* changedKeys(before: NodeRef, after: NodeRef, range: Range, load: Load): Generator<Uint8Array> {
  const [old, young] = [new Leaves(before, range, load), new Leaves(after, range, load)];
  for (;;) {
    const [a, b] = [old.top, young.top];
    if (a === undefined && b === undefined) return;
    if (a !== undefined && b !== undefined && a.hash === b.hash) {
      // the same subtree, of which both have the rest before them
      old.skip();
      young.skip();
      continue;
    }
    // the higher of the two is opened, until both are leaves
    if (a !== undefined && a.height > 0 && (b === undefined || a.height >= b.height)) {
      old.open();
      continue;
    }
    if (b !== undefined && b.height > 0) {
      young.open();
      continue;
    }
    const [gone, come] = [old.leaf(), young.leaf()];
    const order = gone === undefined ? 1 : come === undefined ? -1 : compare(gone.key, come.key);
    if (order <= 0) old.skip();
    if (order >= 0) young.skip();
    const key = order <= 0 ? gone?.key : come?.key;
    // written again with the same value: nothing for those who read it
    if (order === 0 && gone !== undefined && come !== undefined && equal(gone.value, come.value)) continue;
    if (key !== undefined && placeIn(range, key) === 'inside') yield key;
  }
}

/** What is left of a tree's leaves, from left to right, as subtrees that nobody has opened yet. */
class Leaves {
  readonly #left: NodeRef[];
  readonly #range: Range;
  readonly #load: Load;

  constructor(root: NodeRef, range: Range, load: Load) {
    this.#left = [root];
    this.#range = range;
    this.#load = load;
  }

  get top(): NodeRef | undefined {
    return this.#left.at(-1);
  }

  skip(): void {
    this.#left.pop();
  }

  leaf(): Leaf | undefined {
    const { top } = this;
    const node = top && this.#load(top);
    return node !== undefined && isLeaf(node) ? node : undefined;
  }

  /** Puts the parts of the next subtree in its place, without those that lie outside the range. */
  open(): void {
    const top = this.#left.pop();
    const node = top && this.#load(top);
    if (node === undefined || isLeaf(node)) return;
    const { lower, upper } = this.#range;
    if (compare(node.key, upper.key) <= 0) this.#left.push(stored(node.right));
    if (compare(lower.key, node.key) < 0) this.#left.push(stored(node.left));
  }
}

function stored(child: Child): NodeRef {
  if (!isRef(child)) throw new TypeError('only committed trees are compared');
  return child;
}
