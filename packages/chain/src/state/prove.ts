/** Makes the proofs that `@perigee/light-core/state` verifies. */
import { iavlInnerOp, iavlLeafOp, type Side } from '@perigee/light-core/state';
import { type CommitmentProof, compare, type ExistenceProof, equal, type NonExistenceProof } from '@perigee/wire';
import { type Child, digestBytes, type Inner, isLeaf, isRef, type Leaf, type Load, type NodeRef, type TreeNode } from './node.ts';

/** A way from the root to a leaf. */
export interface Path {
  readonly leaf: Leaf;
  /** From the root down. */
  readonly steps: readonly { readonly node: Inner; readonly side: Side }[];
}

/** Existence of `key` under `root`, or its absence by the leaves next to it. */
export function proveKey(root: NodeRef, key: Uint8Array, load: Load): CommitmentProof {
  const found = descend(root, load, (node) => sideOf(key, node));
  if (equal(found.leaf.key, key)) return { exist: existence(found) };
  const nonexist: NonExistenceProof = { key };
  const before = compare(found.leaf.key, key) < 0;
  const other = beside(found, before ? 'right' : 'left', load);
  const [left, right] = before ? [found, other] : [other, found];
  if (left !== undefined) nonexist.left = existence(left);
  if (right !== undefined) nonexist.right = existence(right);
  return { nonexist };
}

/** The value of `key` under `root`. */
export function valueAt(root: NodeRef | undefined, key: Uint8Array, load: Load): Uint8Array | undefined {
  if (root === undefined) return undefined;
  const { leaf } = descend(root, load, (node) => sideOf(key, node));
  return equal(leaf.key, key) ? leaf.value : undefined;
}

function sideOf(key: Uint8Array, node: Inner): Side {
  return compare(key, node.key) < 0 ? 'left' : 'right';
}

export function descend(root: Child, load: Load, choose: (node: Inner) => Side): Path {
  const steps: { node: Inner; side: Side }[] = [];
  let at = open(root, load);
  while (!isLeaf(at)) {
    const side = choose(at);
    steps.push({ node: at, side });
    at = open(at[side], load);
  }
  return { leaf: at, steps };
}

/** The next leaf to one side, if there is one. */
export function beside(path: Path, side: Side, load: Load): Path | undefined {
  const away: Side = side === 'left' ? 'right' : 'left';
  const turn = path.steps.findLastIndex((step) => step.side === away);
  const step = path.steps[turn];
  if (step === undefined) return undefined;
  const below = descend(step.node[side], load, () => away);
  return { leaf: below.leaf, steps: [...path.steps.slice(0, turn), { node: step.node, side }, ...below.steps] };
}

export function existence({ leaf, steps }: Path): ExistenceProof {
  const path = steps.toReversed().map(({ node, side }) => iavlInnerOp(node, side, siblingHash(node, side)));
  return { key: leaf.key, value: leaf.value, leaf: iavlLeafOp(leaf.version), path };
}

function siblingHash(node: Inner, side: Side): Uint8Array {
  const sibling = side === 'left' ? node.right : node.left;
  if (!isRef(sibling)) throw new TypeError('proofs are made of committed trees');
  return digestBytes(sibling.hash);
}

function open(child: Child, load: Load): TreeNode {
  return isRef(child) ? load(child) : child;
}
