import { releaseQueueKey, STAKE_POOL, STORE } from '@perigee/light-core/state';
import { equal, MAX_RELEASE_DELAY_BLOCKS, MAX_RELEASES_PER_BLOCK, PerigeeError, ReleaseQueue } from '@perigee/wire';
import type { StateView } from '../state/index.ts';
import { moveTokens } from './accounts.ts';
import { forgetIfEmpty, readValidator, writeValidator } from './validators.ts';

/**
 * Have a height look at an account's unbonding tokens, or the next one that has room.
 *
 * @returns the height
 * @throws TX_MESSAGE when none of them has room
 */
export function enqueueRelease(view: StateView, account: Uint8Array, due: number): number {
  for (let height = due; height < due + MAX_RELEASE_DELAY_BLOCKS; height++) {
    const addresses = readQueue(view, height);
    if (addresses.some((address) => equal(address, account))) return height;
    if (addresses.length >= MAX_RELEASES_PER_BLOCK) continue;
    view.set(STORE.account, releaseQueueKey(height), ReleaseQueue.encode({ addresses: [...addresses, account] }));
    return height;
  }
  throw new PerigeeError('TX_MESSAGE', 'too many withdrawals end at the same time; send this one again later');
}

/** Give back the tokens whose time has come. Those whose height has come before their time wait on. */
export function releaseDue(view: StateView, height: number, seconds: number): void {
  const due = readQueue(view, height);
  if (due.length === 0) return;
  view.delete(STORE.account, releaseQueueKey(height));
  for (const account of due) {
    const validator = readValidator(view, account);
    if (validator === undefined) continue;
    const free = validator.unbonding.filter((entry) => entry.releaseHeight <= height && entry.releaseTime <= seconds);
    const early = validator.unbonding.filter((entry) => entry.releaseHeight <= height && entry.releaseTime > seconds);
    moveTokens(
      view,
      STAKE_POOL,
      account,
      free.reduce((sum, { amount }) => sum + amount, 0n),
    );
    const left = { ...validator, unbonding: validator.unbonding.filter((entry) => !free.includes(entry)) };
    writeValidator(view, account, left);
    if (early.length > 0) waitOn(view, account, height, Math.min(...early.map(({ releaseTime }) => releaseTime)) - seconds);
    forgetIfEmpty(view, account, left);
  }
}

/** Looks again when the time may have come, at a block a second; blocks that come faster look a few times more. */
function waitOn(view: StateView, account: Uint8Array, height: number, secondsLeft: number): void {
  for (let due = height + Math.max(1, secondsLeft); ; due += MAX_RELEASE_DELAY_BLOCKS) {
    try {
      enqueueRelease(view, account, due);
      return;
    } catch (error) {
      // every entry of the queue is a validator's: some height has room
      if (!(error instanceof PerigeeError) || error.code !== 'TX_MESSAGE') throw error;
    }
  }
}

function readQueue(view: StateView, height: number): ReleaseQueue['addresses'] {
  const raw = view.get(STORE.account, releaseQueueKey(height));
  return raw === undefined ? [] : ReleaseQueue.decode(raw).addresses;
}
