import { computeBalanceKey } from '@perigee/light-core/registration';
import { COMPUTE_POOL, STORE } from '@perigee/light-core/state';
import {
  ComputeBalance,
  type ComputeDeposit,
  type ComputeWithdraw,
  compare,
  equal,
  MAX_PROVIDER_CAPS,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import type { StateReader, StateView } from '../../state/index.ts';
import { moveTokens } from '../accounts.ts';
import { type ComputeContext, computeParams } from './params.ts';
import { receiptRefusal } from './refusal.ts';
import { release, sumOf, withRelease } from './releases.ts';

/**
 * Prepay, and say what each provider may take.
 *
 * @throws TX_MESSAGE
 */
export function deposit(view: StateView, payer: Uint8Array, { amount, caps }: ComputeDeposit, context: ComputeContext): void {
  computeParams(context);
  if (amount === 0n && caps.length === 0) throw new PerigeeError('TX_MESSAGE', 'nothing is prepaid, and no cap is set');
  const rising = caps.every(({ provider }, i) => i === 0 || compare(caps[i - 1]?.provider ?? provider, provider) < 0);
  if (!rising) throw new PerigeeError('TX_MESSAGE', 'caps are not ascending by provider, each once');
  const before = readBalance(view, payer);
  const others = before.caps.filter((cap) => !caps.some(({ provider }) => equal(provider, cap.provider)));
  const all = [...others, ...caps.filter(({ left }) => left > 0n)].sort((a, b) => compare(a.provider, b.provider));
  if (all.length > MAX_PROVIDER_CAPS) {
    throw new PerigeeError('TX_MESSAGE', `an account has caps for at most ${MAX_PROVIDER_CAPS} providers; set one of them to 0`);
  }
  moveTokens(view, payer, COMPUTE_POOL, amount);
  writeBalance(view, payer, { ...before, available: before.available + amount, caps: all });
}

/**
 * Begin to take a prepaid amount back, and take what has come free.
 *
 * @throws TX_MESSAGE
 */
export function withdraw(view: StateView, payer: Uint8Array, { amount }: ComputeWithdraw, context: ComputeContext): void {
  const { unlockBlocks } = computeParams(context);
  const before = readBalance(view, payer);
  if (amount > before.available) {
    throw new PerigeeError('TX_MESSAGE', `account ${toHex(payer)} has prepaid ${before.available}, not ${amount}`);
  }
  const waiting = release(view, payer, before.unlocking, context.height);
  if (amount === 0n && waiting.length === before.unlocking.length) {
    throw new PerigeeError('TX_MESSAGE', `account ${toHex(payer)} has nothing that has come free`);
  }
  const unlocking = withRelease(waiting, { amount, height: context.height + unlockBlocks });
  writeBalance(view, payer, { ...before, available: before.available - amount, unlocking });
}

/**
 * Take what a receipt earned off the balance and the cap of its payer; what unlocks is taken last, the latest first. The tokens stay in the pool for the
 * caller to move.
 *
 * @throws RECEIPT (cap, balance)
 */
export function draw(view: StateView, payer: Uint8Array, provider: Uint8Array, amount: bigint): void {
  const balance = readBalance(view, payer);
  const cap = balance.caps.find((entry) => equal(entry.provider, provider))?.left ?? 0n;
  if (cap < amount) {
    throw receiptRefusal('cap', `account ${toHex(payer)} lets provider ${toHex(provider)} take ${cap} more, less than ${amount}`);
  }
  const all = balance.available + sumOf(balance.unlocking);
  if (all < amount) throw receiptRefusal('balance', `account ${toHex(payer)} has prepaid ${all}, less than ${amount}`);
  let due = amount;
  const take = (from: bigint): bigint => {
    const taken = from < due ? from : due;
    due -= taken;
    return from - taken;
  };
  const available = take(balance.available);
  const unlocking = balance.unlocking
    .toReversed()
    .map((entry) => ({ ...entry, amount: take(entry.amount) }))
    .filter((entry) => entry.amount > 0n)
    .reverse();
  const caps = balance.caps
    .map((entry) => (equal(entry.provider, provider) ? { ...entry, left: entry.left - amount } : entry))
    .filter(({ left }) => left > 0n);
  writeBalance(view, payer, { available, unlocking, caps });
}

function readBalance(state: StateReader, payer: Uint8Array): ComputeBalance {
  const raw = state.get(STORE.compute, computeBalanceKey(payer));
  return raw === undefined ? { available: 0n, unlocking: [], caps: [] } : ComputeBalance.decode(raw);
}

function writeBalance(view: StateView, payer: Uint8Array, balance: ComputeBalance): void {
  const isEmpty = balance.available === 0n && balance.unlocking.length === 0 && balance.caps.length === 0;
  if (isEmpty) view.delete(STORE.compute, computeBalanceKey(payer));
  else view.write(STORE.compute, computeBalanceKey(payer), ComputeBalance, balance);
}
