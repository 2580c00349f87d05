import { validatorAddress } from '@perigee/light-core/comet';
import { committeeOwnerKey, STAKE_POOL, STORE } from '@perigee/light-core/state';
import {
  ed25519Address,
  equal,
  keyText,
  MAX_UNBONDINGS,
  PerigeeError,
  type Stake,
  type StakedValidator,
  type StakingParams,
  type Unstake,
} from '@perigee/wire';
import type { StateView } from '../state/index.ts';
import { moveTokens } from './accounts.ts';
import { enqueueRelease } from './release.ts';
import { ownerOf, powerOf, readList, readValidator, writeOwner, writeValidator } from './validators.ts';

/** What stake messages need of the block they are in. */
export interface StakeContext {
  readonly staking: StakingParams | undefined;
  readonly height: number;
  /** Of the block, seconds since 1970. */
  readonly seconds: number;
}

/**
 * Put tokens behind the sender's validator.
 *
 * @throws TX_MESSAGE
 */
export function stake(
  view: StateView,
  account: Uint8Array,
  { amount, validatorKey, committeeKey }: Stake,
  context: StakeContext,
): void {
  paramsOf(context);
  if (amount === 0n) throw new PerigeeError('TX_MESSAGE', 'no tokens are staked');
  const known = readValidator(view, account);
  if (known?.tombstoned) {
    throw new PerigeeError('TX_MESSAGE', `the validator of account ${keyText(account)} signed falsely and stays without power`);
  }
  if (known !== undefined && !equal(known.validatorKey, validatorKey)) {
    throw new PerigeeError('TX_MESSAGE', `the validator of account ${keyText(account)} has key ${keyText(known.validatorKey)}`);
  }
  const validator = known ?? { validatorKey, stake: 0n, unbonding: [], tombstoned: false };
  if (powerOf(validator.stake + amount) < 1) throw new PerigeeError('TX_MESSAGE', 'a validator has at least one whole token');
  if (known === undefined) takeKey(view, account, validatorKey);
  const withKey = committeeKey === undefined ? validator : takeCommitteeKey(view, account, validator, committeeKey);
  moveTokens(view, account, STAKE_POOL, amount);
  writeValidator(view, account, { ...withKey, stake: validator.stake + amount });
  const list = readList(view);
  if (!list.some(({ address }) => equal(address, account))) {
    const least = Math.min(...list.map(({ power }) => power));
    throw new PerigeeError(
      'TX_MESSAGE',
      `there are ${list.length} validators with as much stake; one more needs more than ${least} tokens`,
    );
  }
}

/**
 * Begin to take tokens back. They stay with the pool, and can be slashed, until the unbonding period is over.
 *
 * @throws TX_MESSAGE
 */
export function unstake(view: StateView, account: Uint8Array, { amount }: Unstake, context: StakeContext): void {
  const { unbondingBlocks, unbondingSeconds } = paramsOf(context);
  const validator = readValidator(view, account);
  if (validator === undefined || amount === 0n || validator.stake < amount) {
    throw new PerigeeError('TX_MESSAGE', `account ${keyText(account)} has ${validator?.stake ?? 0n} staked, not ${amount}`);
  }
  const left = validator.stake - amount;
  if (left > 0n && powerOf(left) < 1) throw new PerigeeError('TX_MESSAGE', 'less than one whole token would be left; take all');
  if (validator.unbonding.length >= MAX_UNBONDINGS) {
    throw new PerigeeError('TX_MESSAGE', `${MAX_UNBONDINGS} withdrawals are under way; wait for the first`);
  }
  const releaseHeight = enqueueRelease(view, account, context.height + unbondingBlocks);
  const releaseTime = context.seconds + unbondingSeconds;
  const unbonding = [...validator.unbonding, { amount, startHeight: context.height, releaseHeight, releaseTime }];
  writeValidator(view, account, { ...validator, stake: left, unbonding });
  if (readList(view).length === 0) {
    throw new PerigeeError('TX_MESSAGE', 'the last validator cannot leave: without one there are no blocks');
  }
}

function paramsOf({ staking }: StakeContext): StakingParams {
  if (staking === undefined) throw new PerigeeError('TX_MESSAGE', 'the validators of this chain are those of its genesis');
  return staking;
}

/** One key is one validator, for as long as it can be blamed. */
function takeKey(view: StateView, account: Uint8Array, validatorKey: Uint8Array): void {
  const owner = ownerOf(view, validatorAddress(validatorKey));
  if (owner !== undefined)
    throw new PerigeeError('TX_MESSAGE', `key ${keyText(validatorKey)} is that of account ${keyText(owner)}`);
  writeOwner(view, validatorKey, account);
}

/** Also used for the stakes of genesis. */
export function takeCommitteeKey(
  view: StateView,
  account: Uint8Array,
  validator: StakedValidator,
  committeeKey: Uint8Array,
): StakedValidator {
  const place = committeeOwnerKey(ed25519Address(committeeKey));
  const owner = view.get(STORE.account, place);
  if (owner !== undefined && !equal(owner, account)) {
    throw new PerigeeError('TX_MESSAGE', `committee key ${keyText(committeeKey)} is that of account ${keyText(owner)}`);
  }
  if (validator.committeeKey !== undefined) view.delete(STORE.account, committeeOwnerKey(ed25519Address(validator.committeeKey)));
  view.set(STORE.account, place, account);
  return { ...validator, committeeKey };
}
