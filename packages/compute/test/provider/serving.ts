/** A provider with two small models, and a payer who asks it. */
import {
  AnswerVerifier,
  ed25519InferenceSigner,
  maxFeeOf,
  type OrderDraft,
  type ReceiptExpectation,
  requestHashOf,
  signOrder,
} from '@perigee/light-core/receipt';
import { bestEd25519 } from '@perigee/light-core/signature';
import { ed25519Signer } from '@perigee/light-core/tx';
import { cryptoRandomBytes, systemClock } from '@perigee/net';
import { type InferenceRequest, MODEL_KIND, type OpenedReceipt, type PaymentOrder } from '@perigee/wire';
import type { Model } from '../../src/engines/index.ts';
import { PaidLedger, Provider, type ProviderEvent, type ProviderOptions } from '../../src/provider/index.ts';
import { countingModel, letterModel } from './small-models.ts';

export const CHAIN = { chainId: 'perigee-07070707', genesisHash: new Uint8Array(32).fill(7) };
const PRICE = { perRequest: 100n, perPromptToken: 3n, perAnswerToken: 5n };
export const HEIGHT = 1_000;
const payer = ed25519Signer(new Uint8Array(32).fill(5));
const identity = {
  account: new Uint8Array(20).fill(3),
  signer: ed25519InferenceSigner(new Uint8Array(32).fill(4)),
  evidenceId: new Uint8Array(32).fill(6),
};

export async function serving(
  dir: string,
  options: Partial<ProviderOptions> & { readonly chat?: Model } = {},
): Promise<{ provider: Provider; ledger: PaidLedger }> {
  const ledger = await PaidLedger.open(dir);
  const { chat = letterModel(), ...rest } = options;
  const provider = new Provider({
    chain: CHAIN,
    identity: () => identity,
    models: [chat, countingModel].map((model) => ({ model, price: PRICE })),
    ledger,
    allowUnpaid: false,
    height: () => HEIGHT,
    admit: async () => ({ stakeClass: 0 }),
    clock: systemClock,
    random: cryptoRandomBytes,
    verifyEd25519: bestEd25519(crypto.subtle),
    ...rest,
  });
  return { provider, ledger };
}

export function chatRequest(maxTokens = 100, content = 'Where is the perigee?'): InferenceRequest {
  return {
    version: 1,
    kind: MODEL_KIND.chat,
    modelRoot: letterModel().modelRoot,
    salt: cryptoRandomBytes(32),
    messages: [{ role: 'user', content }],
    inputs: [],
    parameters: { maxTokens, temperatureMillionths: 900_000, topPMillionths: 1_000_000, stop: [] },
  };
}

export function embeddingsRequest(inputs: readonly string[]): InferenceRequest {
  const parameters = { maxTokens: 0, temperatureMillionths: 0, topPMillionths: 0, stop: [] };
  const { modelRoot } = countingModel;
  return { version: 1, kind: MODEL_KIND.embeddings, modelRoot, salt: cryptoRandomBytes(32), messages: [], inputs, parameters };
}

export function orderFor(request: InferenceRequest, changed: Partial<OrderDraft> = {}): Promise<PaymentOrder> {
  const draft = {
    provider: identity.account,
    modelRoot: request.modelRoot,
    requestHash: requestHashOf(request),
    maxFee: maxFeeOf(PRICE, request),
    nonce: cryptoRandomBytes(16),
    expiryHeight: HEIGHT + 600,
    ...changed,
  };
  return signOrder(draft, CHAIN.genesisHash, payer);
}

export const expected: ReceiptExpectation = {
  ...CHAIN,
  verifyEd25519: bestEd25519(crypto.subtle),
  provider: { account: identity.account, signer: identity.signer.key },
  evidenceId: identity.evidenceId,
  price: PRICE,
};

/** Reads an answer as a client does. @returns the verdict, and the receipt with what opens it */
export async function verified(
  events: AsyncIterable<ProviderEvent>,
  request: InferenceRequest,
  sent?: PaymentOrder,
): Promise<{ verdict: string; opened: OpenedReceipt; text: string }> {
  let verifier: AnswerVerifier | undefined;
  const chunks: Uint8Array[] = [];
  for await (const event of events) {
    if ('opening' in event) {
      verifier = await AnswerVerifier.begin({ ...event.opening, request, sent }, { ...expected, modelRoot: request.modelRoot });
    } else if ('chunk' in event) {
      chunks.push(event.chunk);
      verifier?.push(event.chunk);
    } else await verifier?.checkpoint(event.checkpoint);
  }
  if (verifier?.receipt === undefined) throw new Error('no checkpoint came');
  const opened = { receipt: verifier.receipt, request, answer: { chunks } };
  return { verdict: await verifier.end(), opened, text: Buffer.concat(chunks).toString() };
}
