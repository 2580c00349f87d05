import type { VerifiedClaim } from '@perigee/light-core/receipt';
import { COMPUTE_POOL } from '@perigee/light-core/state';
import {
  type ComputeSettle,
  equal,
  keyText,
  PerigeeError,
  type ProviderRegistration,
  type SettleOutcome,
  toHex,
} from '@perigee/wire';
import type { StateView } from '../../state/index.ts';
import { moveTokens } from '../accounts.ts';
import { refusalOf } from '../result-codes.ts';
import { spendOrders } from '../sessions.ts';
import { draw } from './balances.ts';
import { type ComputeContext, computeParams } from './params.ts';
import { receiptRefusal } from './refusal.ts';
import { readRegistration } from './registrations.ts';
import { forgetAfter, type OrderName, readSettled, writeSettled } from './settled-orders.ts';

/** A claim whose signatures and hashes hold, or why they do not. */
export type JudgedClaim = VerifiedClaim | PerigeeError;

export interface SettleContext extends ComputeContext {
  /** Of the block, seconds since 1970. */
  readonly seconds: number;
}

/**
 * Pay the sender what the claims have earned, each by itself: one that is refused leaves the others as they are.
 *
 * @param claims as they were judged for exactly this message
 * @throws TX_MESSAGE; RECEIPT, that of the first claim, when none is paid
 */
export function settle(
  view: StateView,
  sender: Uint8Array,
  { signer }: ComputeSettle,
  claims: readonly JudgedClaim[],
  context: SettleContext,
): Omit<SettleOutcome, 'message'> {
  computeParams(context);
  const registration = readRegistration(view, signer);
  let paid = 0n;
  let lastHeight = 0;
  const settled: OrderName[] = [];
  const refusals: PerigeeError[] = [];
  const codes = claims.map((claim) => {
    try {
      if (claim instanceof PerigeeError) throw claim;
      checkProvider(registration, sender, context);
      const isNew = readSettled(view, claim) === undefined;
      paid += view.attempt(() => settleOne(view, sender, registration, claim, context));
      // who is settled again is in the list already
      if (isNew) settled.push(claim);
      lastHeight = Math.max(lastHeight, claim.expiryHeight);
      return 0;
    } catch (error) {
      const { code, refusal } = refusalOf(error);
      refusals.push(refusal);
      return code;
    }
  });
  if (refusals.length === claims.length)
    throw refusals[0] ?? new PerigeeError('TX_MESSAGE', 'a settlement has at least one claim');
  moveTokens(view, COMPUTE_POOL, sender, paid);
  if (settled.length > 0) forgetAfter(view, settled, lastHeight);
  return { codes, paid };
}

/** @returns what is due for it, taken off what the payer prepaid */
function settleOne(
  view: StateView,
  provider: Uint8Array,
  registration: ProviderRegistration,
  claim: VerifiedClaim,
  context: SettleContext,
): bigint {
  const { payer, nonce, orderId, sequence, fee, expiryHeight } = claim;
  if (!equal(claim.provider, provider)) {
    throw receiptRefusal('provider', `the order is for provider ${keyText(claim.provider)}, not for the sender`);
  }
  if (!equal(claim.modelRoot, registration.modelRoot)) {
    throw receiptRefusal(
      'model',
      `the order is for model ${toHex(claim.modelRoot)}, the key for ${toHex(registration.modelRoot)}`,
    );
  }
  const last = context.height + computeParams(context).unlockBlocks;
  if (expiryHeight < context.height || expiryHeight > last) {
    throw receiptRefusal(
      'expiry',
      `the order can be settled up to height ${expiryHeight}, not between ${context.height} and ${last}`,
    );
  }
  const before = readSettled(view, claim);
  if (before !== undefined && !(equal(before.orderId, orderId) && sequence !== before.sequence)) {
    throw receiptRefusal('nonce', `account ${keyText(payer)} has paid this provider for nonce ${toHex(nonce)}`);
  }
  const already = before?.fee ?? 0n;
  if (before !== undefined && sequence < before.sequence) {
    throw receiptRefusal('sequence', `checkpoint ${before.sequence} of this order was settled, which comes after ${sequence}`);
  }
  if (fee < already) throw receiptRefusal('fee', `a later checkpoint costs ${fee}, less than the ${already} of an earlier one`);
  const amount = fee - already;
  draw(view, { payer, provider, sessionKey: claim.sessionKey, amount }, context.height);
  if (claim.sessionKey !== undefined) spendOrders(view, payer, claim.sessionKey, amount);
  writeSettled(view, claim, { orderId, provider, sequence, fee });
  return fee - already;
}

/** @throws RECEIPT (provider, expired) */
function checkProvider(
  registration: ProviderRegistration | undefined,
  sender: Uint8Array,
  { seconds }: SettleContext,
): asserts registration is ProviderRegistration {
  if (registration === undefined || !equal(registration.provider, sender)) {
    throw receiptRefusal('provider', `the key is none that provider ${keyText(sender)} has registered`);
  }
  if (seconds > registration.expiryTime) {
    throw receiptRefusal('expired', 'the evidence of the key has expired; renew the registration, then settle');
  }
}
