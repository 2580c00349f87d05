import { computeBalanceKey, leftAt } from '@perigee/light-core/registration';
import { COMPUTE_POOL, STORE } from '@perigee/light-core/state';
import {
  ComputeBalance,
  type ComputeDeposit,
  type ComputeWithdraw,
  compare,
  equal,
  keyText,
  MAX_ORDER_SESSIONS,
  MAX_PROVIDER_CAPS,
  PerigeeError,
  type ProviderAllowance,
  type SessionAllowance,
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
  const { unlockBlocks } = computeParams(context);
  if (amount === 0n && caps.length === 0) throw new PerigeeError('TX_MESSAGE', 'nothing is prepaid, and no cap is set');
  const rising = caps.every(({ provider }, i) => i === 0 || compare(caps[i - 1]?.provider ?? provider, provider) < 0);
  if (!rising) throw new PerigeeError('TX_MESSAGE', 'caps are not ascending by provider, each once');
  const before = readBalance(view, payer, context.height);
  const others = before.caps.filter((cap) => !caps.some(({ provider }) => equal(provider, cap.provider)));
  const changed = caps.map(({ provider, left }) => {
    const known = before.caps.find((cap) => equal(cap.provider, provider));
    return { provider, ...changedCap(known, left, context.height + unlockBlocks) };
  });
  const all = [...others, ...changed.filter(({ left }) => left > 0n)].sort((a, b) => compare(a.provider, b.provider));
  if (all.length > MAX_PROVIDER_CAPS) {
    const words = `an account has caps for at most ${MAX_PROVIDER_CAPS} providers; set one of them to 0, and wait until it ends`;
    throw new PerigeeError('TX_MESSAGE', words);
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
  const before = readBalance(view, payer, context.height);
  if (amount > before.available) {
    throw new PerigeeError('TX_MESSAGE', `account ${keyText(payer)} has prepaid ${before.available}, not ${amount}`);
  }
  const waiting = release(view, payer, before.unlocking, context.height);
  if (amount === 0n && waiting.length === before.unlocking.length) {
    throw new PerigeeError('TX_MESSAGE', `account ${keyText(payer)} has nothing that has come free`);
  }
  const unlocking = withRelease(waiting, { amount, height: context.height + unlockBlocks });
  writeBalance(view, payer, { ...before, available: before.available - amount, unlocking });
}

/** What is raised counts at once; what is lowered does from a height on, and until then what was there before. */
function changedCap(
  known: ProviderAllowance | undefined,
  left: bigint,
  height: number,
): Pick<ProviderAllowance, 'left' | 'lowered'> {
  if (known === undefined || left >= known.left) return { left };
  // said once more it does not begin anew
  return { left: known.left, lowered: known.lowered?.left === left ? known.lowered : { left, height } };
}

/**
 * Have orders that a session key signs take so much and no longer, as the account has granted: less only when those that were accepted before are settled.
 *
 * @param granted none when the session was ended, or does not cover orders
 * @throws TX_MESSAGE when there are too many
 */
export function allowOrders(
  view: StateView,
  account: Uint8Array,
  key: Uint8Array,
  granted: Pick<SessionAllowance, 'left' | 'expiryHeight'> | undefined,
  context: ComputeContext,
): void {
  if (context.compute === undefined) return;
  const { left, expiryHeight } = granted ?? { left: 0n, expiryHeight: 0 };
  const before = readBalance(view, account, context.height);
  const known = before.sessions.find((session) => equal(session.key, key));
  if (known === undefined && left === 0n) return;
  const [mostLeft, latest] = [max(left, known?.left ?? 0n), Math.max(expiryHeight, known?.expiryHeight ?? 0)];
  const isLess = left < mostLeft || expiryHeight < latest;
  const isSame = known?.lowered?.left === left && known.lowered.expiryHeight === expiryHeight;
  const height = isSame && known?.lowered !== undefined ? known.lowered.height : context.height + context.compute.unlockBlocks;
  const session = { key, left: mostLeft, expiryHeight: latest, ...(isLess && { lowered: { left, expiryHeight, height } }) };
  const others = before.sessions.filter((other) => !equal(other.key, key));
  if (others.length >= MAX_ORDER_SESSIONS) {
    const words = `at most ${MAX_ORDER_SESSIONS} session keys may sign orders, those included that ended a short time ago; come again later`;
    throw new PerigeeError('TX_MESSAGE', words);
  }
  writeBalance(view, account, { ...before, sessions: [...others, session].sort((a, b) => compare(a.key, b.key)) });
}

/** Who takes how much of what somebody prepaid. */
export interface Drawing {
  readonly payer: Uint8Array;
  readonly provider: Uint8Array;
  /** The session key that signed the order, where it is not the payer's own. */
  readonly sessionKey?: Uint8Array | undefined;
  readonly amount: bigint;
}

/**
 * Take what a receipt earned off the balance and the cap of its payer, and off what a session key may spend; what unlocks is taken last, the latest first. The
 * tokens stay in the pool for the caller to move.
 *
 * @throws RECEIPT (session, cap, balance)
 */
export function draw(view: StateView, { payer, provider, sessionKey, amount }: Drawing, height: number): void {
  const balance = readBalance(view, payer, height);
  const session = sessionKey && balance.sessions.find(({ key }) => equal(key, sessionKey));
  if (sessionKey !== undefined && (session === undefined || session.left < amount)) {
    const words = `session key ${keyText(sessionKey)} may have its orders take ${session?.left ?? 0n} more of account ${keyText(payer)}`;
    throw receiptRefusal('session', words);
  }
  const cap = balance.caps.find((entry) => equal(entry.provider, provider))?.left ?? 0n;
  if (cap < amount) {
    throw receiptRefusal(
      'cap',
      `account ${keyText(payer)} lets provider ${keyText(provider)} take ${cap} more, less than ${amount}`,
    );
  }
  const all = balance.available + sumOf(balance.unlocking);
  if (all < amount) throw receiptRefusal('balance', `account ${keyText(payer)} has prepaid ${all}, less than ${amount}`);
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
  const caps = balance.caps.map((entry) => (equal(entry.provider, provider) ? lessBy(entry, amount) : entry)).filter(hasLeft);
  const sessions = balance.sessions.map((entry) => (entry === session ? lessBy(entry, amount) : entry)).filter(hasLeft);
  writeBalance(view, payer, { available, unlocking, caps, sessions });
}

/** Taken off what is left now, and off what will be. */
function lessBy<T extends ProviderAllowance | SessionAllowance>(allowance: T, amount: bigint): T {
  const { lowered } = allowance;
  const left = allowance.left - amount;
  if (lowered === undefined) return { ...allowance, left };
  return { ...allowance, left, lowered: { ...lowered, left: max(lowered.left - amount, 0n) } };
}

function hasLeft({ left }: { readonly left: bigint }): boolean {
  return left > 0n;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** As it is at a height: what was lowered until then is, and what has ended is gone. */
function readBalance(state: StateReader, payer: Uint8Array, height: number): ComputeBalance {
  const raw = state.get(STORE.compute, computeBalanceKey(payer));
  if (raw === undefined) return { available: 0n, unlocking: [], caps: [], sessions: [] };
  const { caps, sessions, ...balance } = ComputeBalance.decode(raw);
  const isDue = (lowered: { readonly height: number } | undefined): boolean => lowered !== undefined && height >= lowered.height;
  return {
    ...balance,
    caps: caps.map((cap) => (isDue(cap.lowered) ? { provider: cap.provider, left: leftAt(cap, height) } : cap)).filter(hasLeft),
    sessions: sessions
      .map((session) => {
        const { key, lowered } = session;
        return lowered !== undefined && isDue(lowered)
          ? { key, left: lowered.left, expiryHeight: lowered.expiryHeight }
          : session;
      })
      .filter((session) => hasLeft(session) && session.expiryHeight >= height),
  };
}

function writeBalance(view: StateView, payer: Uint8Array, balance: ComputeBalance): void {
  const { available, unlocking, caps, sessions } = balance;
  const isEmpty = available === 0n && unlocking.length + caps.length + sessions.length === 0;
  if (isEmpty) view.delete(STORE.compute, computeBalanceKey(payer));
  else view.write(STORE.compute, computeBalanceKey(payer), ComputeBalance, balance);
}
