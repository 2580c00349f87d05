/** Orders that were paid for: remembered until their last block, so that each is paid for once. */
import { settledListKey, settledListsKey, settledOrderKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { concat, MAX_SETTLEMENTS_PER_HEIGHT, PerigeeError, SettledList, SettledLists, SettledOrder } from '@perigee/wire';
import type { StateReader, StateView } from '../../state/index.ts';

/** Heights that are looked at for room: what a settlement costs must not depend on how many there were before. */
const MAX_HEIGHTS_TRIED = 64;

/** What names an order: a payer gives each provider each nonce once. */
export interface OrderName {
  readonly payer: Uint8Array;
  readonly provider: Uint8Array;
  readonly nonce: Uint8Array;
}

export function readSettled(state: StateReader, { payer, provider, nonce }: OrderName): SettledOrder | undefined {
  const raw = state.get(STORE.compute, settledOrderKey(payer, provider, nonce));
  return raw && SettledOrder.decode(raw);
}

export function writeSettled(view: StateView, { payer, provider, nonce }: OrderName, order: SettledOrder): void {
  view.write(STORE.compute, settledOrderKey(payer, provider, nonce), SettledOrder, order);
}

/**
 * Have the orders of a settlement forgotten after a height, or after the next one that has room.
 *
 * @param lastHeight of a block that may settle any of them
 * @throws TX_MESSAGE when none of the next heights has room
 */
export function forgetAfter(view: StateView, orders: readonly OrderName[], lastHeight: number): void {
  for (let height = lastHeight; height < lastHeight + MAX_HEIGHTS_TRIED; height++) {
    const count = countAt(view, height);
    if (count >= MAX_SETTLEMENTS_PER_HEIGHT) continue;
    const names = orders.map(({ payer, provider, nonce }) => concat(payer, provider, nonce));
    view.write(STORE.compute, settledListKey(height, count), SettledList, { orders: names });
    view.write(STORE.compute, settledListsKey(height), SettledLists, { count: count + 1 });
    return;
  }
  throw new PerigeeError('TX_MESSAGE', `too many settlements are of orders that end after height ${lastHeight}; settle later`);
}

/** At the start of a block, forget the orders that no block may settle any more. */
export function forgetSettled(view: StateView, height: number): void {
  const ended = height - 1;
  const count = countAt(view, ended);
  for (let number = 0; number < count; number++) {
    const list = view.read(STORE.compute, settledListKey(ended, number), SettledList);
    for (const name of list?.orders ?? []) {
      view.delete(STORE.compute, settledOrderKey(name.subarray(0, 20), name.subarray(20, 40), name.subarray(40)));
    }
    view.delete(STORE.compute, settledListKey(ended, number));
  }
  if (count > 0) view.delete(STORE.compute, settledListsKey(ended));
}

function countAt(view: StateView, height: number): number {
  return view.read(STORE.compute, settledListsKey(height), SettledLists)?.count ?? 0;
}
