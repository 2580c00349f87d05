/** Amounts on their way back to their accounts: of providers' stakes, and of prepaid balances. */
import { COMPUTE_POOL } from '@perigee/light-core/state';
import { type ComputeRelease, MAX_COMPUTE_WITHDRAWALS, PerigeeError } from '@perigee/wire';
import type { StateView } from '../../state/index.ts';
import { moveTokens } from '../accounts.ts';

export function sumOf(releases: readonly ComputeRelease[]): bigint {
  return releases.reduce((sum, { amount }) => sum + amount, 0n);
}

/** Pays what has come free. @returns what has not */
export function release(
  view: StateView,
  account: Uint8Array,
  releases: readonly ComputeRelease[],
  height: number,
): readonly ComputeRelease[] {
  const free = releases.filter((entry) => entry.height <= height);
  moveTokens(view, COMPUTE_POOL, account, sumOf(free));
  return releases.filter((entry) => entry.height > height);
}

/** @throws TX_MESSAGE */
export function withRelease(releases: readonly ComputeRelease[], added: ComputeRelease): readonly ComputeRelease[] {
  if (added.amount === 0n) return releases;
  if (releases.length >= MAX_COMPUTE_WITHDRAWALS) {
    throw new PerigeeError('TX_MESSAGE', `${MAX_COMPUTE_WITHDRAWALS} withdrawals are under way; wait for the first`);
  }
  return [...releases, added];
}
