import { FLOW_KEY, STAKE_POOL, STORAGE_POOL, STORE } from '@perigee/light-core/state';
import { Account, equal, FlowRecord, PerigeeError, StakedValidator, utf8 } from '@perigee/wire';
import { messageOf, type StateView } from '../state/index.ts';

const ACCOUNT = utf8('a/');
const VALIDATOR = utf8('v/');

/**
 * Check that a block made no token and lost none: what all balances that it writes gain is what it was to mint, what the pool of stakes gains is
 * what validators have gained, staked and unbonding, and what the pool of storage gains is what its record says.
 *
 * @param view all writes of the block, over the state of the block before
 * @param minted the supply in the first block, 0 in every other
 * @throws INTERNAL when the sums differ: this program is wrong, and no node may commit what it computed
 */
export function checkConservation(view: StateView, minted: bigint): void {
  let gained = 0n;
  let pooled = 0n;
  let staked = 0n;
  let stored = 0n;
  for (const { key, before, after } of view.changes(STORE.account)) {
    if (startsWith(key, ACCOUNT)) {
      const gain = (messageOf(after, Account)?.balance ?? 0n) - (messageOf(before, Account)?.balance ?? 0n);
      gained += gain;
      const address = key.subarray(ACCOUNT.length);
      if (equal(address, STAKE_POOL)) pooled = gain;
      if (equal(address, STORAGE_POOL)) stored = gain;
    } else if (startsWith(key, VALIDATOR)) {
      staked += stakedBy(messageOf(after, StakedValidator)) - stakedBy(messageOf(before, StakedValidator));
    }
  }
  const recorded = gainOfStorage(view);
  if (gained !== minted) {
    throw broken(`the block changes the sum of all balances by ${gained}, not by ${minted}`, { gained, minted });
  }
  if (pooled !== staked) {
    throw broken(`the block changes the pool of stakes by ${pooled}, and what is staked by ${staked}`, { pooled, staked });
  }
  if (stored !== recorded) {
    throw broken(`the block changes the pool of storage by ${stored}, and its record by ${recorded}`, { stored, recorded });
  }
}

/** What the record of the flow says of the pool, less what it said before the block. */
function gainOfStorage(view: StateView): bigint {
  const flow = view.changes(STORE.storage).find(({ key }) => equal(key, FLOW_KEY));
  if (flow === undefined) return 0n;
  return (messageOf(flow.after, FlowRecord)?.pool ?? 0n) - (messageOf(flow.before, FlowRecord)?.pool ?? 0n);
}

function broken(what: string, data: Readonly<Record<string, bigint>>): PerigeeError {
  const words = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, String(value)]));
  return new PerigeeError('INTERNAL', `${what}; it is not committed`, { data: words });
}

function startsWith(key: Uint8Array, prefix: Uint8Array): boolean {
  return key[0] === prefix[0] && key[1] === prefix[1];
}

function stakedBy(validator: StakedValidator | undefined): bigint {
  return validator === undefined ? 0n : validator.unbonding.reduce((sum, { amount }) => sum + amount, validator.stake);
}
