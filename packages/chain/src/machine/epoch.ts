import { type CanonicalCommittee, checkCommittee } from '@perigee/light-core/da';
import { committeeKey, epochOf, STORE } from '@perigee/light-core/state';
import { Committee, PerigeeError } from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';
import type { StateReader, StateView } from '../state/index.ts';

/** Epoch of a height of this chain. */
function epochAt(genesis: Genesis, height: number): number {
  return epochOf(height, genesis.appState.epochBlocks);
}

/**
 * The committee that a certificate in a block of `height` may name.
 *
 * @throws CERTIFICATE for an epoch that is neither the current nor the one before, or that ended before the chain began
 */
export function committeeFor(state: StateReader, genesis: Genesis, epoch: number, height: number): CanonicalCommittee {
  const current = epochAt(genesis, height);
  if (epoch > current || epoch < current - 1) {
    throw new PerigeeError('CERTIFICATE', `certificate is of epoch ${epoch}; the chain is in epoch ${current}`);
  }
  const raw = state.get(STORE.da, committeeKey(epoch));
  if (raw === undefined) throw new PerigeeError('CERTIFICATE', `the chain had no committee in epoch ${epoch}`);
  return checkCommittee(Committee.decode(raw));
}

/**
 * At the first block of an epoch, write its committee, and forget the one whose last blob has expired: included at most one epoch
 * later, and retained no longer than the chain allows.
 */
export function startEpoch(view: StateView, genesis: Genesis, height: number): void {
  const { initChain, appState, committee } = genesis;
  const epoch = epochAt(genesis, height);
  if (height !== initChain.initialHeight && epoch === epochAt(genesis, height - 1)) return;
  view.set(STORE.da, committeeKey(epoch), Committee.encode({ members: committee.members }));
  const retained = height - appState.maxRetentionBlocks;
  const gone = epochAt(genesis, retained) - 2;
  if (retained >= initChain.initialHeight && gone >= 0) view.delete(STORE.da, committeeKey(gone));
}
