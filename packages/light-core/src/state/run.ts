/** A run of neighbouring leaves of a store: what a range holds, with nothing left out between. */
import { compare, equal, type StateRun } from '@perigee/wire';
import { adjacent, isOutermost } from './absence.ts';
import { existenceOf } from './existence.ts';
import { placeIn, type StateRange } from './range.ts';
import { refuse, sameRoot } from './refuse.ts';
import { storeProofRoot } from './stores.ts';

export interface ProvedEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface ProvedRange {
  /** In the order that was asked for. */
  readonly entries: readonly ProvedEntry[];
  /** Whether the range holds no more. If not, what follows is asked for from the last entry on. */
  readonly complete: boolean;
}

/**
 * Check that a run answers a range: its leaves are neighbours in the tree, and it reaches from where the range begins to its end, to the limit, or
 * to where the answer was full.
 *
 * @param expected `appHash` of verified header `run.height + 1`
 * @throws PROOF when the run is malformed, has a hole, or is of something else; PROOF_ROOT when it leads to another root
 */
export function verifyStateRun(
  run: StateRun,
  { appHash, store, range }: { readonly appHash: Uint8Array; readonly store: string; readonly range: StateRange },
): ProvedRange {
  if (run.store !== store) throw refuse(`it is of store "${run.store}", not "${store}"`);
  if (!equal(run.outer.value, run.storeRoot)) throw refuse('the outer proof is of another store root');
  sameRoot(storeProofRoot(run.outer, store), appHash, 'app hash');
  const leaves = run.leaves.map((proof) => ({ proof, existence: existenceOf(proof) }));
  for (const { existence } of leaves) sameRoot(existence.root, run.storeRoot, `root of store "${store}"`);
  leaves.forEach((leaf, i) => {
    const before = leaves[i - 1];
    if (before === undefined) return;
    if (compare(before.proof.key, leaf.proof.key) >= 0) throw refuse('its keys do not ascend');
    adjacent(before, leaf);
  });
  const [first, last] = [leaves[0], leaves.at(-1)];
  if (first === undefined || last === undefined) throw refuse('a run has at least one leaf');
  const reachesLow =
    compare(first.proof.key, range.lower.key) === 0 ||
    placeIn(range, first.proof.key) === 'below' ||
    isOutermost(first.existence.steps, 'left');
  const reachesHigh =
    compare(last.proof.key, range.upper.key) === 0 ||
    placeIn(range, last.proof.key) === 'above' ||
    isOutermost(last.existence.steps, 'right');
  const [begun, ended] = range.reverse ? [reachesHigh, reachesLow] : [reachesLow, reachesHigh];
  if (!begun) throw refuse('the run does not reach to where the range begins');
  const entries = run.leaves.filter(({ key }) => placeIn(range, key) === 'inside').map(({ key, value }) => ({ key, value }));
  if (entries.length > range.limit)
    throw refuse(`the run has ${entries.length} keys of the range; ${range.limit} were asked for`);
  if (!ended && entries.length === 0) throw refuse('the run reaches neither a key of the range nor its end');
  return { entries: range.reverse ? entries.reverse() : entries, complete: ended };
}
