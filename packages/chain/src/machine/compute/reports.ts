import { AUDIT_NAMESPACE, orderIdOf } from '@perigee/light-core/receipt';
import { auditKey } from '@perigee/light-core/registration';
import { blobKey, COMPUTE_POOL, STORE } from '@perigee/light-core/state';
import {
  AUDIT_VERDICT,
  AuditRecord,
  BlobRecord,
  type ComputeReport,
  equal,
  MAX_RECEIPT_BYTES,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import type { Event } from '../../application/index.ts';
import type { StateView } from '../../state/index.ts';
import { moveTokens } from '../accounts.ts';
import { type ComputeContext, computeParams } from './params.ts';
import { receiptRefusal } from './refusal.ts';
import { whatStandsFor } from './registrations.ts';
import { countReport, uncountReport } from './report-sums.ts';

/** Event of an auditor's report; attributes `order`, `provider`, `auditor` and `verdict`, as number. */
export const AUDIT_EVENT = 'audit';

/**
 * Record an auditor's word on a receipt that was judged to be one of a registered key, or take it back when its time is over. It slashes nobody: the chain
 * does not execute models.
 *
 * @throws TX_MESSAGE; RECEIPT (provider, content)
 */
export function report(view: StateView, auditor: Uint8Array, message: ComputeReport, context: ComputeContext): Event | undefined {
  const { reportDeposit, unlockBlocks } = computeParams(context);
  const { receipt, verdict, ownHash, blobId } = message;
  const { signer, order, checkpoint } = receipt;
  const orderId = orderIdOf(order.body);
  const place = auditKey(orderId, auditor);
  const raw = view.get(STORE.compute, place);
  const known = raw && AuditRecord.decode(raw);
  if (verdict === AUDIT_VERDICT.withdrawn) {
    if (known === undefined) throw new PerigeeError('TX_MESSAGE', `account ${toHex(auditor)} has not reported this order`);
    if (context.height < known.height + unlockBlocks) {
      throw new PerigeeError('TX_MESSAGE', `the report stays until height ${known.height + unlockBlocks}`);
    }
    view.delete(STORE.compute, place);
    uncountReport(view, known, { orderId, auditor });
    moveTokens(view, COMPUTE_POOL, auditor, known.deposit);
    return undefined;
  }
  if (known !== undefined) throw new PerigeeError('TX_MESSAGE', `account ${toHex(auditor)} has reported this order before`);
  // a provider that ends its registration answers for what it signed all the same
  const registration = whatStandsFor(view, signer);
  if (registration === undefined || !equal(registration.provider, order.body.provider)) {
    throw receiptRefusal('provider', 'the receipt is signed with a key that its provider has never registered');
  }
  if (blobId !== undefined) checkLaidOut(view, blobId, context.height);
  moveTokens(view, auditor, COMPUTE_POOL, reportDeposit);
  const listed = countReport(view, signer, verdict, { orderId, auditor });
  const { provider, modelRoot } = registration;
  const { sequence, runningHash } = checkpoint.body;
  const record = {
    verdict,
    provider,
    signer,
    modelRoot,
    sequence,
    runningHash,
    ownHash,
    height: context.height,
    deposit: reportDeposit,
    ...(blobId === undefined ? {} : { blobId }),
    isCounted: true,
    ...(listed === undefined ? {} : { place: listed }),
  };
  view.write(STORE.compute, place, AuditRecord, record);
  const attributes = { order: toHex(orderId), provider: toHex(provider), auditor: toHex(auditor), verdict: String(verdict) };
  return { type: AUDIT_EVENT, attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index: true })) };
}

/** That somebody who reads the report can fetch what it names: that the blob opens the receipt is theirs to see. @throws RECEIPT (content) */
function checkLaidOut(view: StateView, blobId: Uint8Array, height: number): void {
  const record = view.read(STORE.da, blobKey(blobId), BlobRecord);
  const why =
    record === undefined
      ? 'is not recorded'
      : !equal(record.namespace, AUDIT_NAMESPACE)
        ? 'is in another namespace than receipts for auditors'
        : record.length > MAX_RECEIPT_BYTES
          ? `has ${record.length} bytes, more than a receipt`
          : record.expiryHeight < height
            ? 'has expired'
            : undefined;
  if (why !== undefined) throw receiptRefusal('content', `the blob ${toHex(blobId)} that is to open the receipt ${why}`);
}
