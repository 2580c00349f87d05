/** The checks that a receipt and each checkpoint of a stream have in common. */
import {
  CHECKPOINT_CHUNKS,
  type Checkpoint,
  type CheckpointBody,
  equal,
  FINISH,
  INFERENCE_VERSION,
  type InferenceExecution,
  type InferencePrice,
  type InferenceRequest,
  keyText,
  PaymentOrder,
  type SignerKey,
  toHex,
} from '@perigee/wire';
import { type ChainName, tokensInWords } from '../tx/index.ts';
import type { AnswerPlace } from './answer-hash.ts';
import { type ReceiptCheckName, type ReceiptChecks, refuse } from './check.ts';
import { checkFinish, checkMaxFee, isFinal, verifyCheckpoint } from './checkpoint.ts';
import { checkUsage, feeOf } from './fee.ts';
import { checkOrderChain, isUnpaid, verifyOrder } from './order.ts';
import { checkExecuted, checkRequest } from './request.ts';
import { executionHashOf, orderIdOf, requestHashOf } from './sign-bytes.ts';
import type { SignatureContext } from './signer.ts';

/** What a receipt is held against: what its reader knows from elsewhere, best from the chain's proved state. What is left out is not checked. */
export interface ReceiptExpectation extends ChainName, SignatureContext {
  /** The provider that was asked, and the key that it has registered. */
  readonly provider?: { readonly account: Uint8Array; readonly signer: SignerKey };
  /** Storage root of the weights that were asked for. */
  readonly modelRoot?: Uint8Array;
  /** SHA-256 of the evidence that was verified, and that binds the provider's key and the model. */
  readonly evidenceId?: Uint8Array;
  /** The registered price. */
  readonly price?: InferencePrice;
  /** A key that signs orders for their payer, as its account has granted: whoever names an account could sign with any other. */
  readonly sessionKey?: Uint8Array;
}

/** What is judged before the answer begins. */
export interface Opening {
  readonly order: PaymentOrder;
  readonly execution: InferenceExecution;
  readonly signer: SignerKey;
  readonly request: InferenceRequest | undefined;
}

/** That the provider answers the order that it was sent: one of its own, for nothing, would pass as free. @throws RECEIPT (`order`) */
export function checkSent(order: PaymentOrder, sent: PaymentOrder | undefined): void {
  const isIt = sent === undefined ? isUnpaid(order) : equal(PaymentOrder.encode(order), PaymentOrder.encode(sent));
  if (!isIt) throw refuse('order', 'the provider answers another order than the one that was sent');
}

/** Why a check was not made. */
export const WHY_NOT: Partial<Record<ReceiptCheckName, string>> = {
  payer: 'the order is signed with a key that is not of the account which it names, and no grant to that key is known here',
  request: 'the request is not in the file, so nobody can compare its hash',
  provider: 'the registered key of this provider is not known here',
  parameters: 'the request is not in the file, so nobody can compare what was asked for',
  usage: 'the request is not in the file, so nobody can tell how many tokens it may have',
  evidence: 'the evidence behind the key is not known here',
  content: 'the answer is not in the file, so nobody can compare its hash',
};

/** Who pays, for what, whom, and what ran. */
export async function judgeOpening(checks: ReceiptChecks, opening: Opening, expected: ReceiptExpectation): Promise<void> {
  const { order, execution, signer, request } = opening;
  const { body } = order;
  await checks.run('chain', () => {
    checkOrderChain(body, expected.genesisHash);
    return `the order is for chain ${expected.chainId}`;
  });
  await checks.run('payer', async () => {
    if (isUnpaid(order)) return 'nobody pays for this answer';
    const { sessionKey } = await verifyOrder(order, expected);
    const isGranted = expected.sessionKey !== undefined && sessionKey !== undefined && equal(sessionKey, expected.sessionKey);
    if (sessionKey !== undefined && !isGranted) return undefined;
    const who = `account ${keyText(body.payer)}${isGranted ? `, by its session key ${keyText(sessionKey)},` : ''}`;
    return `${who} signed the order, of at most ${tokensInWords(body.maxFee)}`;
  });
  await checks.run('order', () => {
    if (!equal(execution.orderId, orderIdOf(body))) throw refuse('order', 'what ran belongs to another order');
    return undefined;
  });
  await checks.run('request', () => {
    if (request === undefined) return undefined;
    checkRequest(request);
    if (!equal(requestHashOf(request), body.requestHash)) throw refuse('request', 'the order names the hash of another request');
    return undefined;
  });
  await checks.run('provider', () => {
    const { provider } = expected;
    if (provider === undefined) return undefined;
    if (!equal(body.provider, provider.account)) {
      throw refuse('provider', `the order is for provider ${keyText(body.provider)}, not ${keyText(provider.account)}`);
    }
    if (signer.scheme !== provider.signer.scheme || !equal(signer.key, provider.signer.key)) {
      throw refuse('provider', `the key ${keyText(signer.key)} is not the one that the provider has registered`);
    }
    return `the key is the one that provider ${keyText(body.provider)} has registered`;
  });
  await checks.run('model', () => {
    const ran = execution.modelRoot;
    const asked = [body.modelRoot, request?.modelRoot, expected.modelRoot].find(
      (root) => root !== undefined && !equal(root, ran),
    );
    if (asked !== undefined) throw refuse('model', `model ${toHex(ran)} answered; model ${toHex(asked)} was asked for`);
    return `the model that was asked for answered: ${toHex(ran)}`;
  });
  await checks.run('evidence', () => {
    if (expected.evidenceId === undefined) return undefined;
    if (execution.evidenceId === undefined) throw refuse('evidence', 'the provider names no evidence');
    if (!equal(execution.evidenceId, expected.evidenceId)) {
      throw refuse('evidence', 'the provider names other evidence than the one that binds its key now');
    }
    return `the evidence is the one that was verified: ${toHex(expected.evidenceId)}`;
  });
  await checks.run('parameters', () => {
    if (execution.version !== INFERENCE_VERSION) throw refuse('parameters', `version ${execution.version} is not known`);
    if (request !== undefined) checkExecuted(request.parameters, execution.parameters, request.kind);
    return undefined;
  });
  await checks.run('fee', () => {
    const { price } = expected;
    const { perRequest, perPromptToken, perAnswerToken } = execution.price;
    const isRegistered =
      price === undefined ||
      (perRequest === price.perRequest && perPromptToken === price.perPromptToken && perAnswerToken === price.perAnswerToken);
    if (!isRegistered) throw refuse('fee', 'the price is not the one that the provider has registered');
    return undefined;
  });
}

/** Where the reader stands when a checkpoint comes. */
export interface Standing {
  /** Of the answer as it came; `undefined` where it is not known. */
  readonly place: AnswerPlace | undefined;
  /** Of the checkpoint before, in a stream. */
  readonly previous?: CheckpointBody;
}

/** What the provider has signed for. */
export async function judgeCheckpoint(
  checks: ReceiptChecks,
  checkpoint: Checkpoint,
  { order, execution, signer, request }: Opening,
  { place, previous }: Standing,
  expected: SignatureContext,
): Promise<void> {
  const { body } = checkpoint;
  await checks.run('order', () => {
    if (!equal(body.orderId, orderIdOf(order.body))) throw refuse('order', 'the provider signed for another order');
    return 'the provider signed for this order, and no other';
  });
  await checks.run('request', () => {
    if (!equal(body.requestHash, order.body.requestHash))
      throw refuse('request', 'the provider signed the hash of another request');
    return request === undefined ? undefined : 'the provider signed the hash of the request that was sent';
  });
  await checks.run('signature', async () => {
    await verifyCheckpoint(checkpoint, signer, expected);
    return `checkpoint ${body.sequence} is signed with key ${keyText(signer.key)}`;
  });
  await checks.run('parameters', () => {
    if (!equal(body.executionHash, executionHashOf(execution))) {
      throw refuse('parameters', 'the provider signed for something else than it says it ran');
    }
    return request === undefined ? undefined : 'the answer was drawn as was asked for, and the provider signed that';
  });
  await checks.run('sequence', () => sequenceInWords(body, previous));
  await checks.run('content', () => {
    if (place === undefined) return undefined;
    if (body.chunks !== place.chunks || body.bytes !== place.bytes) {
      const [signed, came] = [`${body.bytes} bytes in ${body.chunks} pieces`, `${place.bytes} in ${place.chunks}`];
      throw refuse('content', `the provider signed for ${signed}; ${came} came`);
    }
    if (!equal(body.runningHash, place.runningHash)) throw refuse('content', 'what came is not what the provider signed');
    return `${body.bytes} bytes are exactly what the provider signed`;
  });
  await checks.run('usage', () => {
    checkUsage(body.usage, execution.parameters, request, body.bytes);
    const before = previous?.usage;
    if (
      before !== undefined &&
      (body.usage.promptTokens !== before.promptTokens || body.usage.answerTokens < before.answerTokens)
    ) {
      throw refuse('usage', 'the provider takes back what it counted before');
    }
    if (request === undefined) return undefined;
    return `${body.usage.promptTokens} tokens of the prompt and ${body.usage.answerTokens} of the answer are counted`;
  });
  await checks.run('fee', () => {
    checkMaxFee(body, order.body);
    const due = isUnpaid(order) ? 0n : feeOf(execution.price, body.usage);
    if (body.fee !== due)
      throw refuse('fee', `a fee of ${tokensInWords(body.fee)} is charged; the usage costs ${tokensInWords(due)}`);
    return isUnpaid(order)
      ? 'nothing is charged'
      : `the fee of ${tokensInWords(body.fee)} follows from the usage, and is within what was allowed`;
  });
  await checks.run('final', () => {
    checkFinish(body);
    if (!isFinal(body)) return undefined;
    return body.finish === FINISH.length
      ? 'the provider signed that it ends here, at the most that was asked for or paid for'
      : 'the provider signed that the answer is whole';
  });
}

function sequenceInWords(body: CheckpointBody, previous: CheckpointBody | undefined): string {
  const { sequence, chunks } = body;
  if (previous !== undefined && sequence !== previous.sequence + 1) {
    throw refuse('sequence', `checkpoint ${sequence} came after ${previous.sequence}`);
  }
  const since = chunks - (previous?.chunks ?? 0);
  if (previous !== undefined && (since < 0 || since > CHECKPOINT_CHUNKS)) {
    throw refuse('sequence', `checkpoint ${sequence} covers ${since} pieces, not at most ${CHECKPOINT_CHUNKS}`);
  }
  // each but the first, for the prompt, and the last covers a piece at least, and none more than CHECKPOINT_CHUNKS
  if (sequence < Math.max(1, Math.ceil(chunks / CHECKPOINT_CHUNKS)) || sequence > chunks + 2) {
    throw refuse('sequence', `there are no ${sequence} checkpoints of ${chunks} pieces`);
  }
  return previous === undefined
    ? `checkpoint ${sequence} is one that an answer of ${chunks} pieces can have`
    : `checkpoint ${sequence} follows the one before it`;
}
