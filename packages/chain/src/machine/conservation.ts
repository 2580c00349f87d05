import { STAKE_POOL, STORE } from '@perigee/light-core/state';
import { Account, equal, PerigeeError, StakedValidator, utf8 } from '@perigee/wire';
import type { StateReader, StateView } from '../state/index.ts';

const ACCOUNT = utf8('a/');
const VALIDATOR = utf8('v/');

/**
 * Check that a block made no token and lost none: what all balances that it writes gain is what it was to mint, and what the pool of stakes gains is
 * what validators have gained, staked and unbonding.
 *
 * @param before the state of the block before
 * @param view all writes of the block
 * @param minted the supply in the first block, 0 in every other
 * @throws INTERNAL when the sums differ: this program is wrong, and no node may commit what it computed
 */
export function checkConservation(before: StateReader, view: StateView, minted: bigint): void {
  let gained = 0n;
  let pooled = 0n;
  let staked = 0n;
  for (const { key, value } of view.writes(STORE.account)) {
    const held = () => before.get(STORE.account, key);
    if (startsWith(key, ACCOUNT)) {
      const gain = balanceOf(value) - balanceOf(held());
      gained += gain;
      if (equal(key.subarray(ACCOUNT.length), STAKE_POOL)) pooled = gain;
    } else if (startsWith(key, VALIDATOR)) staked += stakedBy(value) - stakedBy(held());
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

function balanceOf(raw: Uint8Array | undefined): bigint {
  return raw === undefined ? 0n : Account.decode(raw).balance;
}

function stakedBy(raw: Uint8Array | undefined): bigint {
  if (raw === undefined) return 0n;
  const { stake, unbonding } = StakedValidator.decode(raw);
  return unbonding.reduce((sum, { amount }) => sum + amount, stake);
}
