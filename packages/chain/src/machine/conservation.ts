import { STORE } from '@perigee/light-core/state';
import { Account, PerigeeError } from '@perigee/wire';
import type { StateReader, StateView } from '../state/index.ts';

/**
 * Check that a block made no token and lost none: what all balances that it writes gain is what it was to mint.
 *
 * @param before the state of the block before
 * @param view all writes of the block
 * @param minted the supply in the first block, 0 in every other
 * @throws INTERNAL when the sums differ: this program is wrong, and no node may commit what it computed
 */
export function checkConservation(before: StateReader, view: StateView, minted: bigint): void {
  let gained = 0n;
  for (const { key, value } of view.writes(STORE.account)) gained += balanceOf(value) - balanceOf(before.get(STORE.account, key));
  if (gained === minted) return;
  throw new PerigeeError(
    'INTERNAL',
    `the block changes the sum of all balances by ${gained}, not by ${minted}; it is not committed`,
    {
      data: { gained: String(gained), minted: String(minted) },
    },
  );
}

function balanceOf(raw: Uint8Array | undefined): bigint {
  return raw === undefined ? 0n : Account.decode(raw).balance;
}
