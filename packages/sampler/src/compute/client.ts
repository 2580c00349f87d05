import type { AttestationReport } from '@perigee/light-core/attest';
import { ChainView } from '@perigee/light-core/da';
import { checkRequest, maxFeeOf, type OrderDraft, type ReceiptCheck, requestHashOf } from '@perigee/light-core/receipt';
import { reportDataOfRegistration } from '@perigee/light-core/registration';
import type { RandomBytes } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { tokensInWords } from '@perigee/light-core/tx';
import { abortable, type Host, type KnownPeer } from '@perigee/net';
import {
  type ChatMessage,
  type ComputeParams,
  concatAll,
  INFERENCE_VERSION,
  type InferenceParameters,
  type InferenceRequest,
  MAX_LISTED_REGISTRATIONS,
  MIN_SETTLE_BLOCKS,
  MODEL_KIND,
  type ModelOffer,
  type OpenedReceipt,
  ORDER_NONCE_BYTES,
  type PaymentOrder,
  PerigeeError,
  type ProviderRegistration,
  REQUEST_SALT_BYTES,
  toHex,
} from '@perigee/wire';
import type { Attestor } from '../attest/index.ts';
import type { LightNode } from '../light-node.ts';
import { type AnswerVerdict, judgeAnswer, refusalOf } from './answer-checks.ts';
import { type Answered, askProvider } from './ask.ts';
import { type ComputePayer, prepay, readMeans } from './prepay.ts';
import { listProviders, type RegisteredProvider } from './providers.ts';
import { askEvidence, askOffer, peerOf } from './reach.ts';

/** Blocks in which an order may be settled: the answer, and some time for the provider to bring it. */
const ORDER_BLOCKS = 4 * MIN_SETTLE_BLOCKS;
/** What an order stays short of the chain's longest, blocks: a provider may be some behind. */
const ORDER_SPARE_BLOCKS = 10;
/** Heads that a provider is waited for which does not see yet what was prepaid. */
const PROVIDER_BEHIND_HEADS = 5;
/** Evidence that was verified is taken for so long without being fetched again, milliseconds of the chain's time. */
const EVIDENCE_REMEMBERED_MS = 600_000;
/** Requests of the same cost that are prepaid for at a time on a development chain. */
const PREPAID_REQUESTS = 100n;

export interface ComputeClientOptions {
  readonly node: Pick<LightNode, 'chain' | 'transactions'>;
  /** Over which providers are dialled. */
  readonly host: Host;
  /** Verifies evidence in a worker; its owner closes it. */
  readonly attestor: Pick<Attestor, 'verifyBound'>;
  /** Who pays: it signs orders, and transactions that prepay for them. */
  readonly payer: ComputePayer & { order(draft: OrderDraft, genesisHash: Uint8Array): Promise<PaymentOrder> };
  readonly random: RandomBytes;
  readonly verifyEd25519: VerifyEd25519;
  /** Smallest units to prepay where what is prepaid is too little for a request. By default nothing, and on a development chain enough for some requests. */
  readonly prepay?: bigint | undefined;
  /** Gives an account what it lacks, on a development chain. */
  readonly fund?: ((address: Uint8Array, signal: AbortSignal) => Promise<void>) | undefined;
}

/** What is asked, and of whom. */
export interface Question {
  readonly messages: readonly ChatMessage[];
  readonly parameters: InferenceParameters;
  /** Name that a provider gives its model, or the root of its weights in hexadecimal; any model that converses by default. */
  readonly model?: string | undefined;
  /** Account of a provider, hexadecimal; any by default, the highest stake first. */
  readonly provider?: string | undefined;
  /** Address to ask in place of the registered ones: who is there carries the answer, and adds no trust. */
  readonly via?: string | undefined;
}

/** How far a reply is: whom it comes from and what was checked by now; a piece that came, unverified; or how much of it all is verified. */
export type ReplyNews =
  | { readonly provider: ProviderRegistration; readonly offer: ModelOffer; readonly verdict: AnswerVerdict }
  | { readonly prepaid: bigint }
  | { readonly chunk: Uint8Array }
  | { readonly verifiedBytes: number; readonly verdict: AnswerVerdict };

export interface ComputeAnswer {
  readonly verdict: AnswerVerdict;
  /** Why it must not be used; none where every required check passed. */
  readonly refusal: PerigeeError | undefined;
  /** Bytes of the answer that the provider signed for, and that are exactly what it signed. */
  readonly answer: Uint8Array;
  readonly registration: ProviderRegistration;
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
  /**
   * Finds a provider in proved state, checks its evidence and its model, prepays where that is needed, sends an order and verifies the answer as it comes.
   *
   * @returns with the answer and what was found of it, whatever that is: a check that failed is in the verdict; it throws what keeps there from being an answer:
   *   NOT_FOUND (no such provider or model), UNREACHABLE, ATTESTATION and REFUSED with `data.check` (the provider may not be asked), TX_FEE, ORDER (what the provider
   *   refused with), BUSY, TIMEOUT, UNSUPPORTED (a chain without providers), INVALID_ARGUMENT, UNPROVEN, ABORTED
   */
  ask(question: Question, options: { readonly signal: AbortSignal }): Reply;
}

/** A provider that may be asked: registered, reachable, and with evidence that binds its keys and its model. */
interface Vouched {
  readonly registration: ProviderRegistration;
  readonly peer: KnownPeer;
  readonly offer: ModelOffer;
  readonly evidence: AttestationReport;
}

interface ComputeChain {
  readonly chainId: string;
  readonly genesisHash: Uint8Array;
  readonly development: boolean;
  readonly rules: ComputeParams;
}

export function createComputeClient(options: ComputeClientOptions): ComputeClient {
  const verified = new VerifiedEvidence();
  return {
    async *ask(question, { signal }) {
      const chain = await chainOf(options, signal);
      const vouched = await findVouched(question, chain, { ...options, verified }, signal);
      const { registration, offer, evidence: report } = vouched;
      yield { provider: registration, offer, verdict: judgeAnswer({ registration, report }) };
      const request = requestOf(question, registration, options.random);
      const cost = maxFeeOf(registration.price, request);
      const prepaid = await ensureMeans(registration, cost, chain, options, signal);
      if (prepaid > 0n) yield { prepaid };
      const answered = yield* answerOf(vouched, { request, cost, isFresh: prepaid > 0n }, chain, options, signal);
      const verdict = judgeAnswer({ registration, report, receipt: answered.checks });
      const answer = concatAll(answered.opened?.answer?.chunks ?? []);
      const refusal = refusalOf(verdict);
      return {
        verdict,
        refusal,
        answer,
        registration,
        offer,
        evidence: report,
        receipt: answered.checks,
        opened: answered.opened,
      };
    },
  };
}

/** Evidence that was verified a moment ago: the same bytes, bound by the same registration, need not be fetched again for each question. */
class VerifiedEvidence {
  readonly #reports = new Map<string, { readonly report: AttestationReport; readonly timeMs: number }>();

  /** @param timeMs of the verified head */
  get({ evidenceId, collateralId }: ProviderRegistration, timeMs: number): AttestationReport | undefined {
    const found = this.#reports.get(toHex(evidenceId) + toHex(collateralId));
    return found !== undefined && timeMs < found.timeMs + EVIDENCE_REMEMBERED_MS ? found.report : undefined;
  }

  set({ evidenceId, collateralId }: ProviderRegistration, report: AttestationReport, timeMs: number): void {
    this.#reports.set(toHex(evidenceId) + toHex(collateralId), { report, timeMs });
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > MAX_LISTED_REGISTRATIONS && oldest !== undefined) this.#reports.delete(oldest);
  }
}

type AskingOptions = ComputeClientOptions & { readonly verified: VerifiedEvidence };

async function chainOf({ node }: ComputeClientOptions, signal: AbortSignal): Promise<ComputeChain> {
  const view = new ChainView(node.chain);
  const { genesisHash, appState } = await view.facts(signal);
  const { development, compute: rules } = appState;
  if (rules === undefined) throw new PerigeeError('UNSUPPORTED', 'this chain has no providers of compute');
  return { chainId: view.head().chainId, genesisHash, development, rules };
}

async function findVouched(
  question: Question,
  chain: ComputeChain,
  options: AskingOptions,
  signal: AbortSignal,
): Promise<Vouched> {
  const { provider, model } = question;
  const root = model !== undefined && /^(0x)?[0-9a-f]{64}$/i.test(model) ? model.replace(/^0x/i, '').toLowerCase() : undefined;
  const all = await listProviders({ state: options.node.chain, random: options.random, signal });
  const fitting = all.filter(
    ({ registration }) =>
      (provider === undefined || toHex(registration.provider) === provider) &&
      (root === undefined || toHex(registration.modelRoot) === root),
  );
  if (fitting.length === 0) {
    const what =
      all.length === 0
        ? 'no provider is registered on this chain'
        : 'no provider that is registered on this chain is the one, or has the model, that was asked for';
    throw new PerigeeError('NOT_FOUND', `${what}; a network that has just started has one after some blocks`);
  }
  const failures: PerigeeError[] = [];
  for (const one of fitting) {
    try {
      return await vouch(one, { name: root === undefined ? model : undefined, via: question.via }, chain, options, signal);
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      failures.push(PerigeeError.from(thrown));
    }
  }
  const [first] = failures;
  if (first === undefined || failures.length === 1) throw first ?? new PerigeeError('NOT_FOUND', 'no provider is registered');
  const words = failures.map(({ code, message }) => `${message} [${code}]`).join('; ');
  throw new PerigeeError(first.code, `none of ${failures.length} registered providers may be asked: ${words}`, {
    ...(first.data && { data: first.data }),
    cause: first,
  });
}

/** @throws what keeps a provider from being asked */
async function vouch(
  { registration }: RegisteredProvider,
  { name, via }: { readonly name: string | undefined; readonly via: string | undefined },
  { genesisHash, development }: ComputeChain,
  { host, attestor, node, verified }: AskingOptions,
  signal: AbortSignal,
): Promise<Vouched> {
  const peer = peerOf(registration, { allowPrivate: development, via });
  const askOnce = (): Promise<ModelOffer> => askOffer(peer, registration, { host, signal });
  const offer = await askOnce().catch((thrown: unknown) => {
    // on a host that others use too, the dial may have been one that was under way to addresses of before
    if (PerigeeError.from(thrown).code !== 'UNREACHABLE') throw thrown;
    return askOnce();
  });
  if (name !== undefined && offer.id !== name) {
    throw new PerigeeError('NOT_FOUND', `provider ${toHex(registration.provider)} has model "${offer.id}", not "${name}"`);
  }
  if (offer.kind !== MODEL_KIND.chat) throw new PerigeeError('NOT_FOUND', `model "${offer.id}" does not converse`);
  const timeMs = node.chain.head()?.timeMs ?? 0;
  const before = verified.get(registration, timeMs);
  if (before !== undefined) return { registration, peer, offer, evidence: before };
  const { evidence, collateral } = await askEvidence(peer, registration, { host, signal });
  const { subject, simulated } = registration;
  const reportData = toHex(reportDataOfRegistration(registration, genesisHash));
  const report = await attestor.verifyBound(
    { evidence, collateral, subject, reportData, timeMs, simulated, development },
    { signal },
  );
  if (report.overall !== 'pass') {
    const failed = refusalOf(judgeAnswer({ registration, report }));
    throw failed ?? new PerigeeError('ATTESTATION', 'the evidence does not pass');
  }
  verified.set(registration, report, timeMs);
  return { registration, peer, offer, evidence: report };
}

/** @throws INVALID_ARGUMENT */
function requestOf(
  { messages, parameters }: Question,
  { modelRoot }: ProviderRegistration,
  random: RandomBytes,
): InferenceRequest {
  const request = {
    version: INFERENCE_VERSION,
    kind: MODEL_KIND.chat,
    modelRoot,
    salt: random(REQUEST_SALT_BYTES),
    messages: [...messages],
    inputs: [],
    parameters,
  };
  checkRequest(request);
  return request;
}

/** @returns what was prepaid for it now @throws TX_FEE, REFUSED, UNPROVEN, ABORTED */
async function ensureMeans(
  { provider }: ProviderRegistration,
  cost: bigint,
  { development }: ComputeChain,
  { node, payer, prepay: wanted, fund }: ComputeClientOptions,
  signal: AbortSignal,
): Promise<bigint> {
  const { free, prepaid, cap } = await readMeans(payer.address, provider, { state: node.chain, signal });
  if (free >= cost) return 0n;
  const target = wanted ?? (development ? PREPAID_REQUESTS * cost : 0n);
  if (target < cost) {
    const words = `an answer may cost ${tokensInWords(cost)}; account ${toHex(payer.address)} has prepaid ${tokensInWords(prepaid)}, and lets this provider take ${tokensInWords(cap)}: say how much to prepay`;
    throw new PerigeeError('TX_FEE', words, { data: { cost: String(cost), prepaid: String(prepaid), cap: String(cap) } });
  }
  const sums = { amount: target, least: cost };
  const means = await prepay(provider, sums, { state: node.chain, tx: node.transactions, payer, signal, fund });
  return means.free;
}

async function* answerOf(
  { registration, peer, evidence: report }: Vouched,
  { request, cost, isFresh }: { readonly request: InferenceRequest; readonly cost: bigint; readonly isFresh: boolean },
  chain: ComputeChain,
  { host, node, payer, random, verifyEd25519 }: ComputeClientOptions,
  signal: AbortSignal,
): AsyncGenerator<ReplyNews, Answered, void> {
  const { genesisHash, rules } = chain;
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
    const answer = askProvider(peer, { registration, request, order }, { host, signal, chain, verifyEd25519 });
    try {
      for (;;) {
        const next = await answer.next();
        if (next.done === true) return next.value;
        if ('chunk' in next.value) yield next.value;
        else {
          const { verified, checks } = next.value;
          yield { verifiedBytes: verified.bytes, verdict: judgeAnswer({ registration, report, receipt: checks }) };
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

async function nextHead(node: Pick<LightNode, 'chain'>, signal: AbortSignal): Promise<void> {
  let unsubscribe = (): void => {};
  const next = new Promise<void>((resolve) => {
    unsubscribe = node.chain.onHead(() => resolve());
  });
  await abortable(next, signal).finally(unsubscribe);
}
