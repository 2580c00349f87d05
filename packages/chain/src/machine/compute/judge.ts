/** What of the compute layer's messages follows from their bytes alone, or from them and the block they bind: found ahead of execution. */

import { chainFloorsOf } from '@perigee/light-core/attest/bundle';
import { nobleAttest } from '@perigee/light-core/attest/noble';
import {
  AnswerHash,
  executionHashOf,
  isUnpaid,
  type OrderContext,
  orderIdOf,
  requestHashOf,
  verifyCheckpoint,
  verifyClaim,
  verifyOrder,
} from '@perigee/light-core/receipt';
import { type CheckedEvidence, checkRegistrationEvidence } from '@perigee/light-core/registration';
import {
  AUDIT_VERDICT,
  BLOB_VERSION,
  type ComputeRegister,
  type ComputeReport,
  type ComputeSettle,
  equal,
  INFERENCE_VERSION,
  type PerigeeError,
  type TxMessage,
} from '@perigee/wire';
import type { Genesis } from '../../genesis/index.ts';
import { refusalOf } from '../result-codes.ts';
import { receiptRefusal } from './refusal.ts';
import type { JudgedClaim } from './settle.ts';

/** What the signatures of a message were found to be: those of its claims, or why a report is none. */
export type Judged = readonly JudgedClaim[] | PerigeeError | undefined;

const NOTHING: readonly Judged[] = [];

/**
 * Judge the signatures of all messages.
 *
 * @returns for each message; nothing where none has any
 * @throws what is no refusal of a receipt, such as BUSY
 */
export async function judgeReceipts(messages: readonly TxMessage[], context: OrderContext): Promise<readonly Judged[]> {
  if (!messages.some(({ computeSettle, computeReport }) => computeSettle !== undefined || computeReport !== undefined)) {
    return NOTHING;
  }
  return Promise.all(
    messages.map(async ({ computeSettle, computeReport }) => {
      if (computeSettle !== undefined) return judgeClaims(computeSettle, context);
      return computeReport && refusedOr(() => checkReport(computeReport, context));
    }),
  );
}

async function judgeClaims({ signer, claims }: ComputeSettle, context: OrderContext): Promise<readonly JudgedClaim[]> {
  return Promise.all(claims.map((claim) => refusedOr(() => verifyClaim(claim, { ...context, signer }))));
}

async function refusedOr<T>(look: () => Promise<T>): Promise<T | PerigeeError> {
  try {
    return await look();
  } catch (error) {
    return refusalOf(error).refusal;
  }
}

/**
 * That a report is of a receipt which its signer signed, and that with `fraud` and `overcount` come the bytes which open it, or the id of a blob. What the blob holds, and
 * whether the model gives another answer, only those can say who fetch the one and execute the other.
 */
async function checkReport(
  { receipt, verdict, ownHash, request, answer, blobId }: ComputeReport,
  context: OrderContext,
): Promise<undefined> {
  const { order, execution, checkpoint, signer } = receipt;
  const { body } = checkpoint;
  if (verdict === AUDIT_VERDICT.withdrawn) return undefined;
  if ([receipt, order.body, execution].some(({ version }) => version !== INFERENCE_VERSION)) {
    throw receiptRefusal('form', 'the receipt, its order or what ran is of a version that is not known');
  }
  if (!isUnpaid(order)) await verifyOrder(order, context);
  else if (!equal(order.body.genesisHash, context.genesisHash)) throw receiptRefusal('chain', 'the order is for another chain');
  const orderId = orderIdOf(order.body);
  if (![body.orderId, execution.orderId].every((id) => equal(id, orderId))) {
    throw receiptRefusal('form', 'the checkpoint or what ran is of another order');
  }
  if (!equal(body.requestHash, order.body.requestHash)) throw receiptRefusal('form', 'the checkpoint is of another request');
  if (!equal(body.executionHash, executionHashOf(execution)))
    throw receiptRefusal('form', 'the checkpoint is of another execution');
  await verifyCheckpoint(checkpoint, signer, context);
  if (blobId !== undefined && blobId[0] !== BLOB_VERSION) throw receiptRefusal('form', 'what is to open the receipt is no blob');
  const agrees = equal(ownHash, body.runningHash);
  if (verdict === AUDIT_VERDICT.agreement) {
    if (!agrees) throw receiptRefusal('content', 'an answer with another hash is no agreement');
    return undefined;
  }
  if (verdict === AUDIT_VERDICT.fraud) {
    if (agrees) throw receiptRefusal('content', 'an answer with the same hash is no fraud');
  } else if (verdict !== AUDIT_VERDICT.overcount) throw receiptRefusal('form', `verdict ${verdict} is not known`);
  else if (!agrees) throw receiptRefusal('content', 'an answer with another hash is more than an overcount');
  if (blobId !== undefined && request === undefined && answer === undefined) return undefined;
  if (request === undefined || answer === undefined || !equal(requestHashOf(request), body.requestHash)) {
    throw receiptRefusal(
      'content',
      'a report of fraud or overcount brings the request and the answer that the receipt has the hashes of, or names the blob with both',
    );
  }
  const hash = new AnswerHash(orderId, request.salt);
  for (const chunk of answer.chunks) hash.push(chunk);
  const { chunks, bytes, runningHash } = hash.place;
  if (chunks !== body.chunks || bytes !== body.bytes || !equal(runningHash, body.runningHash)) {
    throw receiptRefusal('content', 'the answer is not the one that the receipt has the hash of');
  }
  return undefined;
}

/** @throws ATTESTATION */
export async function judgeEvidence(
  message: ComputeRegister,
  { genesisHash, appState }: Genesis,
  bound: { readonly provider: Uint8Array; readonly boundHash: Uint8Array; readonly seconds: number },
): Promise<CheckedEvidence> {
  return checkRegistrationEvidence(message, {
    genesisHash,
    development: appState.development,
    floors: chainFloorsOf(appState),
    provider: bound.provider,
    boundHash: bound.boundHash,
    time: bound.seconds * 1_000,
    crypto: nobleAttest,
  });
}
