import { STAKE_POOL, STORE } from '@perigee/light-core/state';
import { Account, equal, PerigeeError, StakedValidator, utf8 } from '@perigee/wire';
import { messageOf, type StateView } from '../state/index.ts';

const ACCOUNT = utf8('a/');
const VALIDATOR = utf8('v/');

/**
 * Check that a block made no token and lost none: what all balances that it writes gain is what it was to mint, and what the pool of stakes gains is
 * what validators have gained, staked and unbonding.
 *
 * @param view all writes of the block, over the state of the block before
 * @param minted the supply in the first block, 0 in every other
 * @throws INTERNAL when the sums differ: this program is wrong, and no node may commit what it computed
 */
export function checkConservation(view: StateView, minted: bigint): void {
  let gained = 0n;
  let pooled = 0n;
  let staked = 0n;
  for (const { key, before, after } of view.changes(STORE.account)) {
    if (startsWith(key, ACCOUNT)) {
      const gain = (messageOf(after, Account)?.balance ?? 0n) - (messageOf(before, Account)?.balance ?? 0n);
      gained += gain;
      if (equal(key.subarray(ACCOUNT.length), STAKE_POOL)) pooled = gain;
    } else if (startsWith(key, VALIDATOR)) {
      staked += stakedBy(messageOf(after, StakedValidator)) - stakedBy(messageOf(before, StakedValidator));
    }
  }
  if (gained !== minted) {
    throw broken(`the block changes the sum of all balances by ${gained}, not by ${minted}`, { gained, minted });
  }
  if (pooled !== staked) {
    throw broken(`the block changes the pool of stakes by ${pooled}, and what is staked by ${staked}`, { pooled, staked });
  }
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
