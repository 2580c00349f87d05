import { type CanonicalCommittee, checkCommittee, makeCommittee } from '@perigee/light-core/da';
import { committeeKey, epochOf, STORE } from '@perigee/light-core/state';
import { Committee, type CommitteeMember, ed25519Address, PerigeeError } from '@perigee/wire';
import type { Genesis } from '../genesis/index.ts';
import type { StateReader, StateView } from '../state/index.ts';
import { readList, readValidator } from './validators.ts';

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
  const { initChain, appState } = genesis;
  const epoch = epochAt(genesis, height);
  if (height !== initChain.initialHeight && epoch === epochAt(genesis, height - 1)) return;
  view.set(STORE.da, committeeKey(epoch), Committee.encode({ members: membersFor(view, genesis, height) }));
  const retained = height - appState.maxRetentionBlocks;
  const gone = epochAt(genesis, retained) - 2;
  if (retained >= initChain.initialHeight && gone >= 0) view.delete(STORE.da, committeeKey(gone));
}

/**
 * The members of a new epoch: validators with a committee key, by what is staked as the epoch begins. The first epoch has the committee
 * of genesis, and so have those that begin while nobody has staked with a committee key.
 */
function membersFor(state: StateReader, { initChain, appState, committee }: Genesis, height: number): readonly CommitteeMember[] {
  if (appState.staking === undefined || height === initChain.initialHeight) return committee.members;
  const members = readList(state).flatMap(({ address, power }) => {
    const publicKey = readValidator(state, address)?.committeeKey;
    return publicKey === undefined ? [] : [{ address: ed25519Address(publicKey), publicKey, stake: BigInt(power) }];
  });
  return members.length === 0 ? committee.members : makeCommittee(members).members;
}
