/** Absence of a key from an IAVL store: its two neighbours, which must be next to each other in the tree. */
import { compare, type ExistenceProof, equal, type InnerOp, type NonExistenceProof } from '@perigee/wire';
import { type Existence, existenceOf } from './existence.ts';
import type { Side, Step } from './iavl.ts';
import { refuse } from './refuse.ts';

/**
 * @returns the roots that the neighbours lead to, one or two; the caller compares them with the store's root
 * @throws PROOF
 */
export function absenceRoots(proof: NonExistenceProof, key: Uint8Array): Uint8Array[] {
  if (key.length === 0 || !equal(proof.key, key)) throw refuse('absence of another key than the one asked for');
  const left = proof.left && neighbour(proof.left);
  const right = proof.right && neighbour(proof.right);
  if (left !== undefined && compare(left.proof.key, key) >= 0) throw refuse('left neighbour does not sort before the key');
  if (right !== undefined && compare(right.proof.key, key) <= 0) throw refuse('right neighbour does not sort after the key');
  if (left !== undefined && right !== undefined) adjacent(left, right);
  else if (left !== undefined) outermost(left.existence.steps, 'right');
  else if (right !== undefined) outermost(right.existence.steps, 'left');
  else throw refuse('absence without a neighbour');
  return [left, right].flatMap((side) => (side === undefined ? [] : [side.existence.root]));
}

interface Neighbour {
  readonly proof: ExistenceProof;
  readonly existence: Existence;
}

function neighbour(proof: ExistenceProof): Neighbour {
  return { proof, existence: existenceOf(proof) };
}

/** Whether every step from the leaf lies on `side`, so that nothing of this subtree lies beyond it on that side. */
export function isOutermost(steps: readonly Step[], side: Side): boolean {
  return steps.every((step) => step.side === side);
}

function outermost(steps: readonly Step[], side: Side): void {
  if (!isOutermost(steps, side)) throw refuse(`neighbour is not the ${side}most leaf`);
}

/** The paths share their upper part; below it, one goes left and then always right, the other right and then always left. */
export function adjacent(left: Neighbour, right: Neighbour): void {
  let l = left.proof.path.length - 1;
  let r = right.proof.path.length - 1;
  for (; same(left.proof.path[l], right.proof.path[r]); l--, r--);
  if (left.existence.steps[l]?.side !== 'left' || right.existence.steps[r]?.side !== 'right') {
    throw refuse('neighbours do not part at a common ancestor');
  }
  outermost(left.existence.steps.slice(0, l), 'right');
  outermost(right.existence.steps.slice(0, r), 'left');
}

function same(a: InnerOp | undefined, b: InnerOp | undefined): boolean {
  return a !== undefined && b !== undefined && equal(a.prefix, b.prefix) && equal(a.suffix, b.suffix);
}
