/** A provider that keeps every rule, and the places where a test makes it break one. */
import {
  AnswerHash,
  ed25519InferenceSigner,
  executionHashOf,
  feeOf,
  isUnpaid,
  orderIdOf,
  type ReceiptExpectation,
  requestHashOf,
  secp256k1InferenceSigner,
  signCheckpoint,
  signOrder,
  signTypedOrder,
  unpaidOrder,
} from '@perigee/light-core/receipt';
import { bestEd25519 } from '@perigee/light-core/signature';
import { secp256k1Signer } from '@perigee/light-core/tx';
import {
  CHECKPOINT_CHUNKS,
  type Checkpoint,
  type CheckpointBody,
  FINISH,
  type InferenceExecution,
  type InferenceRequest,
  MODEL_KIND,
  type OpenedReceipt,
  type PaymentOrder,
  type PaymentOrderBody,
} from '@perigee/wire';
import { nativeSigner } from '../../../../tests/kit/native-signer.ts';
import type { Random } from '../../../../tests/kit/random.ts';

export const CHAIN = { chainId: 'perigee-07070707', genesisHash: new Uint8Array(32).fill(7) };
export const PRICE = { perRequest: 100n, perPromptToken: 3n, perAnswerToken: 5n };
const verifyEd25519 = bestEd25519(crypto.subtle);

export interface Exchange {
  readonly request: InferenceRequest;
  readonly order: PaymentOrder;
  readonly execution: InferenceExecution;
  readonly chunks: readonly Uint8Array[];
  /** Each with the number of pieces before it. */
  readonly checkpoints: readonly Checkpoint[];
  readonly expected: ReceiptExpectation & { readonly price: typeof PRICE };
}

/** What a liar changes before the rest follows from it. */
export interface Lies {
  /** The order is one for which nobody pays. */
  readonly unpaid?: true;
  /** Secret of a key that signs the order for another account. */
  readonly session?: Uint8Array;
  /** Before it is signed. */
  readonly order?: (body: PaymentOrderBody) => PaymentOrderBody;
  readonly execution?: (execution: InferenceExecution) => InferenceExecution;
  readonly body?: (body: CheckpointBody) => CheckpointBody;
}

/** One exchange with random keys, text and length. */
export async function exchange(random: Random, lies: Lies = {}): Promise<Exchange> {
  const isChat = random.chance(0.7);
  const modelRoot = random.bytes(32);
  const request: InferenceRequest = {
    version: 1,
    kind: isChat ? MODEL_KIND.chat : MODEL_KIND.embeddings,
    modelRoot,
    salt: random.chance(0.8) ? random.bytes(32) : new Uint8Array(0),
    messages: isChat ? [{ role: 'user', content: textOf(random, random.between(1, 60)) }] : [],
    inputs: isChat ? [] : Array.from({ length: random.between(1, 40) }, () => textOf(random, 12)),
    parameters: isChat
      ? {
          maxTokens: random.between(100, 300),
          temperatureMillionths: random.below(2_000_001),
          topPMillionths: random.between(1, 1_000_000),
          ...(random.chance(0.5) ? { seed: random.u32() } : {}),
          stop: random.chance(0.3) ? ['END'] : [],
        }
      : { maxTokens: 0, temperatureMillionths: 0, topPMillionths: 0, stop: [] },
  };
  const signer = random.chance(0.8)
    ? ed25519InferenceSigner(nativeSigner(random.bytes(32)))
    : secp256k1InferenceSigner(random.bytes(32));
  const provider = random.bytes(20);
  const draft = {
    provider,
    modelRoot,
    requestHash: requestHashOf(request),
    maxFee: 1_000_000n,
    nonce: random.bytes(16),
    expiryHeight: 500,
  };
  const changed = lies.order?.({ ...draft, version: 1, genesisHash: CHAIN.genesisHash, payer: new Uint8Array(20) }) ?? draft;
  const order = lies.unpaid
    ? unpaidOrder(changed, CHAIN.genesisHash)
    : lies.session !== undefined
      ? await signOrder(changed, CHAIN.genesisHash, nativeSigner(lies.session), random.bytes(20))
      : random.chance(0.8)
        ? await signOrder(changed, CHAIN.genesisHash, nativeSigner(random.bytes(32)))
        : await signTypedOrder(changed, CHAIN, secp256k1Signer(random.bytes(32)));
  const evidenceId = random.bytes(32);
  const honest: InferenceExecution = {
    version: 1,
    orderId: orderIdOf(order.body),
    modelRoot,
    evidenceId,
    engine: 'test/1',
    parameters: isChat ? { seed: random.u32(), ...request.parameters } : request.parameters,
    price: PRICE,
  };
  const execution = lies.execution?.(honest) ?? honest;
  const chunks = isChat
    ? Array.from({ length: random.below(100) }, () => random.bytes(random.between(1, 8)))
    : request.inputs.map(() => random.bytes(64));
  const checkpoints = await signAll({ request, order, execution, chunks }, signer, lies.body);
  const expected = {
    ...CHAIN,
    verifyEd25519,
    provider: { account: provider, signer: signer.key },
    modelRoot,
    evidenceId,
    price: PRICE,
  };
  return { request, order, execution, chunks, checkpoints, expected };
}

async function signAll(
  { request, order, execution, chunks }: Pick<Exchange, 'request' | 'order' | 'execution' | 'chunks'>,
  signer: Parameters<typeof signCheckpoint>[1],
  lie: Lies['body'] = (body) => body,
): Promise<Checkpoint[]> {
  const hash = new AnswerHash(orderIdOf(order.body), request.salt);
  const out: Checkpoint[] = [];
  const sign = async (finish: number): Promise<void> => {
    const answerTokens = request.kind === MODEL_KIND.chat ? hash.place.chunks : 0;
    const usage = { promptTokens: 7, answerTokens };
    const body: CheckpointBody = {
      version: 1,
      orderId: orderIdOf(order.body),
      requestHash: order.body.requestHash,
      executionHash: executionHashOf(execution),
      sequence: out.length + 1,
      ...hash.place,
      usage,
      fee: isUnpaid(order) ? 0n : feeOf(execution.price, usage),
      finish,
    };
    out.push(await signCheckpoint(lie(body), signer));
  };
  for (const [i, chunk] of chunks.entries()) {
    hash.push(chunk);
    if ((i + 1) % CHECKPOINT_CHUNKS === 0) await sign(FINISH.none);
  }
  await sign(FINISH.stop);
  return out;
}

export function openedOf({ request, order, execution, chunks, checkpoints, expected }: Exchange): OpenedReceipt {
  const [checkpoint] = checkpoints.slice(-1);
  const { provider } = expected;
  if (checkpoint === undefined || provider === undefined) throw new Error('there is no checkpoint');
  return {
    receipt: { version: 1, order, execution, checkpoint, signer: provider.signer },
    request,
    answer: { chunks },
  };
}

function textOf(random: Random, words: number): string {
  return Array.from({ length: words }, () => random.pick(['orbit', 'perigee', 'é', 'données', '軌道', 'light'])).join(' ');
}
