import type { AttestationReport } from '@perigee/light-core/attest';
import {
  checkRequest,
  maxFeeOf,
  NO_PARAMETERS,
  type OrderDraft,
  type ReceiptCheck,
  requestHashOf,
} from '@perigee/light-core/receipt';
import { encodeGrounds } from '@perigee/light-core/registration';
import type { RandomBytes } from '@perigee/light-core/roles';
import { abortable } from '@perigee/net';
import {
  ANSWER_SILENCE_MS,
  type ChatMessage,
  concatAll,
  INFERENCE_VERSION,
  type InferenceParameters,
  type InferenceRequest,
  MIN_SETTLE_BLOCKS,
  MODEL_KIND,
  type ModelKind,
  type ModelOffer,
  OPENING_SILENCE_MS,
  type OpenedReceipt,
  ORDER_NONCE_BYTES,
  type PaymentOrder,
  PerigeeError,
  type ProviderRegistration,
  REQUEST_SALT_BYTES,
  type ReportSums,
} from '@perigee/wire';
import type { LightNode } from '../light-node.ts';
import { type AnswerVerdict, judgeAnswer, refusalOf } from './answer-checks.ts';
import type { AnswerChecker } from './answers/index.ts';
import { type Answered, askProvider } from './ask.ts';
import { type ComputePayer, ensureMeans } from './prepay.ts';
import { findProvider, listProviders, type RegisteredProvider } from './providers.ts';
import { askOffer, carrierOf } from './reach.ts';
import { type SealedExchange, sealExchange } from './sealing.ts';
import { type ComputeChain, computeChainOf, type Vouched, Vouchers, type VouchOptions, type Whom } from './vouch.ts';

/** Blocks in which an order may be settled: the answer, and some time for the provider to bring it. */
const ORDER_BLOCKS = 4 * MIN_SETTLE_BLOCKS;
/** What an order stays short of the chain's longest, blocks: a provider may be some behind. */
const ORDER_SPARE_BLOCKS = 10;
/** Heads that a provider is waited for which does not see yet what was prepaid. */
const PROVIDER_BEHIND_HEADS = 5;
/** Heads in which a registration that a provider has renewed must be seen. */
const RENEWAL_HEADS = 2;

export interface ComputeClientOptions extends VouchOptions {
  readonly node: Pick<LightNode, 'chain' | 'transactions'>;
  /** Checks answers and receipts in a worker; its owner closes it. */
  readonly checker: Pick<AnswerChecker, 'begin'>;
  /** Who pays: it signs orders, and transactions that prepay for them. */
  readonly payer: ComputePayer & { order(draft: OrderDraft, genesisHash: Uint8Array): Promise<PaymentOrder> };
  readonly random: RandomBytes;
  /** Smallest units to prepay where what is prepaid is too little for a request. By default nothing, and on a development chain enough for some requests. */
  readonly prepay?: bigint | undefined;
  /** Gives an account what it lacks, on a development chain. */
  readonly fund?: ((address: Uint8Array, signal: AbortSignal) => Promise<void>) | undefined;
}

interface Asking extends Whom {
  /** Sends the question readable for who carries it, and for the operator. By default it is sealed to the provider's key. */
  readonly isClear?: boolean | undefined;
}

/** A conversation that is to go on, and whom to ask. */
export interface Question extends Asking {
  readonly messages: readonly ChatMessage[];
  readonly parameters: InferenceParameters;
}

/** Texts to be embedded, at most MAX_EMBEDDING_INPUTS, and whom to ask: an answer of one vector each, f32 little-endian. */
export interface Texts extends Asking {
  readonly inputs: readonly string[];
}

/** How far a reply is: whom it comes from and what was checked by now; a piece that came, unverified; or how much of it all is verified. */
export type ReplyNews =
  | {
      readonly provider: ProviderRegistration;
      readonly offer: ModelOffer;
      readonly verdict: AnswerVerdict;
      readonly cost: bigint;
      /** What auditors have said of its key. */
      readonly reports: ReportSums;
    }
  | { readonly prepaid: bigint }
  /** The provider has the question and did not begin yet, or it has begun and its model gives nothing yet; and how long it may be silent, milliseconds. */
  | { readonly waits: 'turn' | 'model'; readonly atMostMs: number }
  | { readonly chunk: Uint8Array }
  | {
      readonly verifiedBytes: number;
      readonly verdict: AnswerVerdict;
      /** What holds so far, for who goes before the end. */
      readonly opened: OpenedReceipt | undefined;
    };

export interface ComputeAnswer {
  readonly verdict: AnswerVerdict;
  /** Why it must not be used; none where every required check passed. */
  readonly refusal: PerigeeError | undefined;
  /** Bytes of the answer that the provider signed for, and that are exactly what it signed. */
  readonly answer: Uint8Array;
  readonly registration: ProviderRegistration;
  /** What auditors had said of its key before it was asked. */
  readonly reports: ReportSums;
  readonly offer: ModelOffer;
  /** Of the evidence, every check by name. */
  readonly evidence: AttestationReport;
  /** Of the receipt, every check by name. */
  readonly receipt: readonly ReceiptCheck[];
  /** To be kept; none where nothing was signed that holds. */
  readonly opened: OpenedReceipt | undefined;
}

export type Reply = AsyncGenerator<ReplyNews, ComputeAnswer, void>;

export interface ComputeClient {
  /** Who may be asked, as the chain proves it. @throws UNSUPPORTED, BUSY, UNPROVEN, PROOF, ABORTED */
  providers(options: { readonly signal: AbortSignal }): Promise<readonly RegisteredProvider[]>;
  /** What a provider says that it serves, held against its registration. @throws NOT_FOUND, REFUSED, UNREACHABLE, TIMEOUT, ABORTED */
  offer(registration: ProviderRegistration, options: { readonly signal: AbortSignal }): Promise<ModelOffer>;
  /**
   * Finds a provider in proved state, checks its evidence and its model, prepays where that is needed, sends an order and verifies the answer as it comes.
   *
   * @returns with the answer and what was found of it, whatever that is: a check that failed is in the verdict; it throws what keeps there from being an answer:
   *   NOT_FOUND (no such provider or model), UNREACHABLE, ATTESTATION and REFUSED with `data.check` (the provider may not be asked), TX_FEE, ORDER (what the provider
   *   refused with), BUSY, TIMEOUT, UNSUPPORTED (a chain without providers, a key to which nothing can be sealed), INVALID_ARGUMENT, UNPROVEN, ABORTED
   */
  ask(question: Question | Texts, options: { readonly signal: AbortSignal }): Reply;
}

export function createComputeClient(options: ComputeClientOptions): ComputeClient {
  const vouchers = new Vouchers(options);
  return {
    async providers({ signal }) {
      await computeChainOf(options, signal);
      return listProviders({ state: options.node.chain, random: options.random, signal });
    },

    async offer(registration, { signal }) {
      const { development: allowPrivate } = await computeChainOf(options, signal);
      const { host, overHttp } = options;
      return askOffer(carrierOf(registration, { host, overHttp, allowPrivate, via: undefined }), registration, signal);
    },

    async *ask(question, { signal }) {
      const chain = await computeChainOf(options, signal);
      const kind: ModelKind = 'inputs' in question ? 'embeddings' : 'chat';
      const isSealed = question.isClear !== true;
      /** Means beyond those of this order: an order that was sent before may be charged still. */
      let owed = 0n;
      const once = async function* (whom: Whom) {
        const vouched = await vouchers.find(whom, kind, chain, signal);
        const { registration, offer, evidence: report, reports } = vouched;
        const request = requestOf(question, registration, options.random);
        const cost = maxFeeOf(registration.price, request);
        yield { provider: registration, offer, cost, reports, verdict: judgeAnswer({ registration, report }) };
        const prepaid = await ensureMeans(registration.provider, cost + owed, chain.development, {
          ...options,
          state: options.node.chain,
          tx: options.node.transactions,
          signal,
        });
        if (prepaid > 0n) yield { prepaid };
        const asked = { request, cost, isFresh: prepaid > 0n, isSealed };
        const answered = yield* answerOf(vouched, asked, chain, options, signal);
        owed += cost;
        return { vouched, answered };
      };
      let found = yield* once(question);
      const { signer } = found.vouched.registration;
      // what was verified is not its evidence any more: once, what it is registered with now is verified in its place, from the beginning
      if (isOfOtherTerms(found.answered) && (await isRenewed(found.vouched.registration, options.node, signal))) {
        try {
          found = yield* once({ ...question, signer });
        } catch (thrown) {
          // who cannot pay for another order has the refusal of the first
          const { code } = PerigeeError.from(thrown);
          if (code !== 'TX_FEE' && code !== 'ORDER') throw thrown;
        }
      }
      const { registration, offer, evidence: report, reports, files } = found.vouched;
      const { answered } = found;
      const { checks, error } = answered;
      const opened = answered.opened && { ...answered.opened, grounds: encodeGrounds(registration, files) };
      const unsealed = error?.code === 'SEALED' ? error : undefined;
      const verdict = judgeAnswer({ registration, report, receipt: checks, isSealed, unsealed });
      const answer = concatAll(opened?.answer?.chunks ?? []);
      const refusal = refusalOf(verdict);
      return { verdict, refusal, answer, registration, reports, offer, evidence: report, receipt: checks, opened };
    },
  };
}

/** @throws INVALID_ARGUMENT */
function requestOf(question: Question | Texts, { modelRoot }: ProviderRegistration, random: RandomBytes): InferenceRequest {
  const asked =
    'inputs' in question
      ? { kind: MODEL_KIND.embeddings, messages: [], inputs: [...question.inputs], parameters: NO_PARAMETERS }
      : { kind: MODEL_KIND.chat, messages: [...question.messages], inputs: [], parameters: question.parameters };
  const request = { version: INFERENCE_VERSION, modelRoot, salt: random(REQUEST_SALT_BYTES), ...asked };
  checkRequest(request);
  return request;
}

interface Due {
  readonly request: InferenceRequest;
  readonly cost: bigint;
  /** It was prepaid for just now. */
  readonly isFresh: boolean;
  readonly isSealed: boolean;
}

async function* answerOf(
  { registration, carrier, offer, evidence: report }: Vouched,
  { request, cost, isFresh, isSealed }: Due,
  chain: ComputeChain,
  { checker, node, payer, random }: ComputeClientOptions,
  signal: AbortSignal,
): AsyncGenerator<ReplyNews, Answered, void> {
  const { genesisHash, chainId, rules } = chain;
  for (let behind = 0; ; behind++) {
    const blocks = Math.min(ORDER_BLOCKS, rules.unlockBlocks - ORDER_SPARE_BLOCKS);
    const draft = {
      provider: registration.provider,
      modelRoot: registration.modelRoot,
      requestHash: requestHashOf(request),
      maxFee: cost,
      nonce: random(ORDER_NONCE_BYTES),
      expiryHeight: (node.chain.head()?.height ?? 0) + blocks,
    };
    const order = await payer.order(draft, genesisHash);
    const sealed: SealedExchange | undefined = isSealed ? await sealExchange(request, registration, offer.id, random) : undefined;
    const asked = { registration, request, order, sealed };
    const answer = askProvider(carrier, asked, { checker, chain: { chainId, genesisHash }, signal });
    try {
      yield { waits: 'turn', atMostMs: OPENING_SILENCE_MS };
      for (;;) {
        const next = await answer.next();
        if (next.done === true) return next.value;
        if ('begun' in next.value) yield { waits: 'model', atMostMs: ANSWER_SILENCE_MS };
        else if ('chunk' in next.value) yield next.value;
        else {
          const { verified, checks, opened } = next.value;
          const verdict = judgeAnswer({ registration, report, receipt: checks, isSealed });
          yield { verifiedBytes: verified.bytes, verdict, opened };
        }
      }
    } catch (thrown) {
      // the provider's own node may not have seen the block yet in which it was prepaid; an order that it refused costs nothing
      if (!isFresh || behind === PROVIDER_BEHIND_HEADS || PerigeeError.from(thrown).code !== 'ORDER') throw thrown;
      await nextHead(node, signal);
    } finally {
      await answer.return(undefined as never).catch(() => {});
    }
  }
}

/** Whether it ended before anything of it was signed for because the provider names other evidence, or another price, than it was registered with. */
function isOfOtherTerms({ error, opened }: Answered): boolean {
  const check = error?.code === 'RECEIPT' ? error.data?.check : undefined;
  return opened === undefined && (check === 'evidence' || check === 'fee');
}

/** Whether the chain has a newer registration of the same key, or has it within some heads: a provider may be ahead of who asks. What cannot be looked up changes nothing. @throws ABORTED */
async function isRenewed(
  { signer, registeredHeight }: ProviderRegistration,
  node: Pick<LightNode, 'chain'>,
  signal: AbortSignal,
): Promise<boolean> {
  for (let heads = 0; ; heads++) {
    const found = await findProvider(signer, { state: node.chain, signal }).catch((thrown: unknown) => {
      if (signal.aborted) throw thrown;
    });
    const now = found?.registration;
    if (now === undefined || now.registeredHeight !== registeredHeight) return now !== undefined;
    if (heads === RENEWAL_HEADS) return false;
    await nextHead(node, signal);
  }
}

async function nextHead(node: Pick<LightNode, 'chain'>, signal: AbortSignal): Promise<void> {
  let unsubscribe = (): void => {};
  const next = new Promise<void>((resolve) => {
    unsubscribe = node.chain.onHead(() => resolve());
  });
  await abortable(next, signal).finally(unsubscribe);
}
