/** Makes the runs that `verifyStateRun` verifies. */
import { placeIn, type StateRange } from '@perigee/light-core/state';
import { compare, ExistenceProof } from '@perigee/wire';
import type { Load, NodeRef } from './node.ts';
import { beside, descend, existence, type Path } from './prove.ts';

/**
 * The leaves of a range with those at its ends, ascending. It ends early at the limit of the range, or where its leaves have `bytes`; it has one of
 * the range at least, if there is one.
 */
export function proveRun(root: NodeRef, range: StateRange, bytes: number, load: Load): ExistenceProof[] {
  const { reverse, limit } = range;
  const [from, end] = reverse ? [range.upper, range.lower] : [range.lower, range.upper];
  const [toward, beyond] = reverse ? (['left', 'below'] as const) : (['right', 'above'] as const);
  // the last leaf that is not behind the beginning, or the first of all
  let path: Path | undefined = descend(root, load, (node) => (compare(from.key, node.key) < 0 ? 'left' : 'right'));
  // to go down, begin with the first one that is not before it, or the last of all
  if (reverse && compare(path.leaf.key, from.key) < 0) path = beside(path, 'right', load) ?? path;
  const leaves: ExistenceProof[] = [];
  let room = bytes;
  let inside = 0;
  for (; path !== undefined && inside < limit; path = beside(path, toward, load)) {
    const proof = existence(path);
    room -= ExistenceProof.encode(proof).length;
    if (inside > 0 && room < 0) break;
    leaves.push(proof);
    const place = placeIn(range, proof.key);
    if (place === 'inside') inside += 1;
    if (place === beyond || compare(proof.key, end.key) === 0) break;
  }
  return reverse ? leaves.reverse() : leaves;
}
