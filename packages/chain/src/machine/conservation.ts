import { streamKeyOf } from '@perigee/light-core/kv';
import { accountKey, COMPUTE_POOL, FLOW_KEY, KV_POOL, STAKE_POOL, STORAGE_POOL, STORE } from '@perigee/light-core/state';
import { Account, equal, FlowRecord, KvEntry, PerigeeError, StakedValidator, utf8 } from '@perigee/wire';
import { messageOf, type StateView } from '../state/index.ts';
import { gainOfCompute } from './compute/index.ts';

const ACCOUNT = utf8('a/');
const VALIDATOR = utf8('v/');
const STAKE_POOL_KEY = accountKey(STAKE_POOL);
const STORAGE_POOL_KEY = accountKey(STORAGE_POOL);
const KV_POOL_KEY = accountKey(KV_POOL);
const COMPUTE_POOL_KEY = accountKey(COMPUTE_POOL);

/**
 * Check that a block made no token and lost none: what all balances that it writes gain is what it was to mint, what the pool of stakes gains is
 * what validators have gained, staked and unbonding, what the pool of storage gains is what its record says, what the pool of streams gains is
 * what their entries hold in deposits, and what the pool of compute gains is what providers, payers and auditors have in it.
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
  let deposited = 0n;
  let prepaid = 0n;
  for (const { key, before, after } of view.changes(STORE.account)) {
    if (startsWith(key, ACCOUNT)) {
      const gain = (messageOf(after, Account)?.balance ?? 0n) - (messageOf(before, Account)?.balance ?? 0n);
      gained += gain;
      if (equal(key, STAKE_POOL_KEY)) pooled = gain;
      if (equal(key, STORAGE_POOL_KEY)) stored = gain;
      if (equal(key, KV_POOL_KEY)) deposited = gain;
      if (equal(key, COMPUTE_POOL_KEY)) prepaid = gain;
    } else if (startsWith(key, VALIDATOR)) {
      staked += stakedBy(messageOf(after, StakedValidator)) - stakedBy(messageOf(before, StakedValidator));
    }
  }
  const recorded = gainOfStorage(view);
  const held = gainOfDeposits(view);
  const owed = gainOfCompute(view);
  if (gained !== minted) {
    throw broken(`the block changes the sum of all balances by ${gained}, not by ${minted}`, { gained, minted });
  }
  if (pooled !== staked) {
    throw broken(`the block changes the pool of stakes by ${pooled}, and what is staked by ${staked}`, { pooled, staked });
  }
  if (stored !== recorded) {
    throw broken(`the block changes the pool of storage by ${stored}, and its record by ${recorded}`, { stored, recorded });
  }
  if (deposited !== held) {
    throw broken(`the block changes the pool of streams by ${deposited}, and their deposits by ${held}`, { deposited, held });
  }
  if (prepaid !== owed) {
    throw broken(`the block changes the pool of compute by ${prepaid}, and what is in it by ${owed}`, { prepaid, owed });
  }
}

/** What the entries of streams hold, less what they held before the block. */
function gainOfDeposits(view: StateView): bigint {
  return view
    .changes(STORE.kv)
    .filter(({ key }) => streamKeyOf(key) !== undefined)
    .reduce(
      (sum, { before, after }) => sum + (messageOf(after, KvEntry)?.deposit ?? 0n) - (messageOf(before, KvEntry)?.deposit ?? 0n),
      0n,
    );
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
