import { equal, type FeeClaim, type InferencePrice, PerigeeError, type SignerKey } from '@perigee/wire';
import { refuse } from './check.ts';
import { checkMaxFee, verifyCheckpoint } from './checkpoint.ts';
import { feeOf } from './fee.ts';
import { type OrderAuthor, type OrderContext, verifyOrder } from './order.ts';
import { orderIdOf } from './sign-bytes.ts';

/** A claim whose signatures, hashes and fee are right. Account, balance, cap, nonce and height are for the state to look at. */
export interface VerifiedClaim extends OrderAuthor {
  readonly provider: Uint8Array;
  readonly modelRoot: Uint8Array;
  readonly nonce: Uint8Array;
  readonly orderId: Uint8Array;
  /** Last height of a block that may settle it. */
  readonly expiryHeight: number;
  readonly sequence: number;
  /** Smallest units; never more than the order's maxFee. */
  readonly fee: bigint;
}

/** What a claim is checked against. */
export interface ClaimContext extends OrderContext {
  /** The key that the provider has registered for the order's model. */
  readonly signer: SignerKey;
  /** The price that it has registered; without one the fee is only held against the order's. */
  readonly price?: InferencePrice;
}

/**
 * Checks a claim as a settlement does: the payer signed the order, the provider's registered key signed a checkpoint of exactly that order and request, and
 * the fee follows from usage and price and is within what was allowed.
 *
 * @throws ORDER, RECEIPT, with the check's name in `data.check`
 */
export async function verifyClaim({ order, checkpoint }: FeeClaim, context: ClaimContext): Promise<VerifiedClaim> {
  const { body } = order;
  const author = await verifyOrder(order, context);
  const orderId = orderIdOf(body);
  if (!equal(checkpoint.body.orderId, orderId)) throw refuse('order', 'the checkpoint is of another order');
  if (!equal(checkpoint.body.requestHash, body.requestHash)) throw refuse('request', 'the checkpoint is of another request');
  if (checkpoint.body.sequence < 1) throw refuse('sequence', 'checkpoints are counted from 1');
  checkMaxFee(checkpoint.body, body);
  const { fee, usage } = checkpoint.body;
  const due = context.price === undefined ? fee : feeOf(context.price, usage);
  if (fee !== due) throw refuse('fee', `a fee of ${fee} is charged; the usage at the registered price costs ${due}`);
  await verifyCheckpoint(checkpoint, context.signer, context);
  const { provider, modelRoot, nonce, expiryHeight } = body;
  return { ...author, provider, modelRoot, nonce, orderId, expiryHeight, sequence: checkpoint.body.sequence, fee };
}

/** The name of the check that an ORDER or RECEIPT error is of; `undefined` of other errors. */
export function failedCheckOf(error: unknown): string | undefined {
  if (!(error instanceof PerigeeError) || (error.code !== 'ORDER' && error.code !== 'RECEIPT')) return undefined;
  const check = error.data?.check;
  return typeof check === 'string' ? check : undefined;
}
