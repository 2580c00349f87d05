/** A lazy chunk: what only a page that asks models needs. */
import { notAuditable } from '@perigee/light-core/audit';
import { encodeForAuditors, encodeReceiptFile } from '@perigee/light-core/receipt';
import type { Attestor } from '@perigee/sampler/attest';
import { AnswerChecker, judgeReceipt, type RegisteredProvider } from '@perigee/sampler/compute';
import {
  fromHex,
  MAX_RECEIPT_BYTES,
  MILLIONTHS,
  MODEL_KIND,
  type OpenedReceipt,
  PerigeeError,
  SIGNER_SCHEME,
  type SignerKey,
  toHex,
} from '@perigee/wire';
import { savedName, shownText } from '../../files/names.ts';
import { readFile } from '../../files/read-file.ts';
import { saveFile } from '../../files/save-file.ts';
import type {
  AskView,
  ComputeOrder,
  ComputeView,
  LayingOut,
  Model,
  ProviderRow,
  Question,
  SearchView,
} from '../../model/index.ts';
import { NO_COMPUTE, NO_QUESTION, NO_SEARCH } from '../../no-compute.ts';
import type { NodeKeeper } from '../../node-keeper.ts';
import { attestorHere } from '../attestation/attestor-here.ts';
import type { KeptSessions } from '../wallet/kept-session.ts';
import { type PagePayer, payingClient } from './client.ts';
import { batchesOf, nearest, vectorsOf } from './embedded.ts';
import { follow, GrowingText } from './exchange.ts';
import { receiptView } from './receipt-view.ts';

/** Held while an answer is asked for: all tabs share an account, whose transactions are numbered. */
const PAY_LOCK = 'perigee/compute';
/** Providers that are asked what they serve. */
const MAX_ROWS = 16;
const MIME = 'application/octet-stream';

interface Index {
  readonly signer: string;
  readonly texts: readonly string[];
  readonly vectors: readonly Float32Array[];
}

/** Asks models, and says in the model what comes of it. The newest order of a kind counts; one before it is given up. */
export class ComputeDesk {
  readonly #model: Model;
  readonly #keeper: NodeKeeper;
  readonly #sessions: KeptSessions;
  readonly #attestor: Attestor;
  readonly #checker = new AnswerChecker();
  readonly #stops = {
    look: new AbortController(),
    ask: new AbortController(),
    search: new AbortController(),
    open: new AbortController(),
  };
  #known: PagePayer | undefined;
  #answered: OpenedReceipt | undefined;
  #embedded: readonly OpenedReceipt[] = [];
  #index: Index | undefined;

  constructor(model: Model, keeper: NodeKeeper, sessions: KeptSessions) {
    this.#model = model;
    this.#keeper = keeper;
    this.#sessions = sessions;
    this.#attestor = attestorHere(keeper, () => keeper.node().state.chain?.collateralFloors ?? {});
  }

  async do(order: ComputeOrder): Promise<void> {
    switch (order.kind) {
      case 'look':
        return this.#look();
      case 'ask':
        return this.#ask(order.signer, order.question);
      case 'embed':
        return this.#embed(order.signer, order.texts, order.prepay);
      case 'search':
        return this.#search(order.text);
      case 'stop':
        this.#stops[order.what].abort(new PerigeeError('ABORTED', 'it was ended by hand'));
        return;
      case 'save':
        for (const [i, opened] of this.#receipts(order.what).entries()) {
          saveFile(new Blob([Uint8Array.from(fileOf(opened, order.withWords))], { type: MIME }), nameOf(opened, i));
        }
        return;
      case 'share':
        return this.#share(order.withWords);
      case 'layOut':
        return this.#layOut();
      case 'open':
        return this.#open(order.file);
    }
  }

  /** Another chain: what was asked there says nothing here. */
  leave(): void {
    for (const stop of Object.values(this.#stops)) stop.abort(new PerigeeError('ABORTED', 'another chain is followed'));
    this.#known = undefined;
    this.#answered = undefined;
    this.#embedded = [];
    this.#index = undefined;
    this.#model.compute.value = undefined;
  }

  async #look(): Promise<void> {
    const signal = this.#begin('look');
    this.#show({ listing: 'asked', listProblem: undefined });
    try {
      const { client, payer } = await this.#client(undefined, signal);
      const all = await client.providers({ signal });
      const rows = all.slice(0, MAX_ROWS).map(rowOf);
      this.#change(signal, { listing: 'there', payer, providers: rows });
      const asked = all.slice(0, MAX_ROWS).map(async ({ registration }) => {
        const signer = toHex(registration.signer.key);
        try {
          const { id, kind, maxAnswerTokens } = await client.offer(registration, { signal });
          const does = kind === MODEL_KIND.embeddings ? 'embeddings' : 'chat';
          this.#row(signal, signer, { offer: { id: shownText(id), does, maxAnswerTokens } });
        } catch (thrown) {
          this.#row(signal, signer, { problem: PerigeeError.from(thrown).toObject() });
        }
      });
      await Promise.all(asked);
    } catch (thrown) {
      this.#change(signal, { listing: 'failed', listProblem: PerigeeError.from(thrown).toObject() });
    }
  }

  async #ask(signer: string, question: Question): Promise<void> {
    const signal = this.#begin('ask');
    const text = new GrowingText();
    this.#answered = undefined;
    this.#show({ ask: { ...NO_QUESTION, question: question.text, doing: 'find' } });
    const show = (change: Partial<AskView>): void => this.#change(signal, { ask: { ...this.#view.ask, ...change } });
    try {
      const system = question.system === '' ? [] : [{ role: 'system', content: question.system }];
      const asked = {
        signer: this.#keyOf(signer),
        messages: [...system, { role: 'user', content: question.text }],
        parameters: {
          maxTokens: question.maxTokens,
          temperatureMillionths: Math.round(question.temperature * MILLIONTHS),
          topPMillionths: MILLIONTHS,
          stop: [],
        },
      };
      const { client, payer } = await this.#client(question.prepay, signal);
      this.#change(signal, { payer });
      const found = await navigator.locks.request(PAY_LOCK, { signal }, () =>
        follow(client.ask(asked, { signal }), ({ change, chunk, verifiedBytes, opened }) => {
          if (opened !== undefined && !signal.aborted) this.#answered = opened;
          if (chunk !== undefined) text.push(chunk);
          if (verifiedBytes !== undefined) text.verify(verifiedBytes);
          show({ ...change, verified: text.verified, unverified: text.unverified });
        }),
      );
      if (signal.aborted) return;
      this.#answered = found.opened;
      const { usage } = found.opened?.receipt.checkpoint.body ?? {};
      show({
        ...(usage && { tokens: { prompt: usage.promptTokens, answer: usage.answerTokens } }),
        // what a check refused an auditor would refuse as well
        ...(found.refusal === undefined && { layingOut: offerOf(found.opened) }),
      });
    } catch (thrown) {
      this.#failed('ask', signal, thrown);
    }
  }

  async #embed(signer: string, texts: readonly string[], prepay: bigint | undefined): Promise<void> {
    const signal = this.#begin('search');
    this.#index = undefined;
    this.#embedded = [];
    this.#show({ search: { ...NO_SEARCH, stage: 'texts', doing: 'find', all: texts.length } });
    try {
      const vectors: Float32Array[] = [];
      for (const batch of batchesOf(texts)) {
        vectors.push(...(await this.#vectors(signer, batch, prepay, signal)));
        this.#showSearch(signal, { done: vectors.length, receipts: this.#embedded.length });
      }
      if (signal.aborted) return;
      this.#index = { signer, texts, vectors };
      this.#showSearch(signal, { stage: undefined });
    } catch (thrown) {
      this.#failed('search', signal, thrown);
    }
  }

  async #search(text: string): Promise<void> {
    const index = this.#index;
    if (index === undefined) return;
    const signal = this.#begin('search');
    this.#show({ search: { ...this.#view.search, stage: 'query', doing: 'find', query: text, found: [], problem: undefined } });
    try {
      const [query] = await this.#vectors(index.signer, [text], this.#known?.prepay, signal);
      if (query !== undefined) {
        this.#showSearch(signal, {
          stage: undefined,
          found: nearest(query, index.texts, index.vectors),
          receipts: this.#embedded.length,
        });
      }
    } catch (thrown) {
      this.#failed('search', signal, thrown);
    }
  }

  /** Vectors of texts, all checks passed. @throws what keeps them from being used */
  async #vectors(
    signer: string,
    inputs: readonly string[],
    prepay: bigint | undefined,
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const { client, payer } = await this.#client(prepay, signal);
    this.#change(signal, { payer });
    const paid = this.#view.search.fee ?? 0n;
    const found = await navigator.locks.request(PAY_LOCK, { signal }, () =>
      follow(client.ask({ signer: this.#keyOf(signer), inputs }, { signal }), ({ change }) =>
        this.#showSearch(signal, { ...change, fee: paid + (change.fee ?? 0n) }),
      ),
    );
    if (found.refusal !== undefined) throw found.refusal;
    if (found.opened === undefined) throw new PerigeeError('INTERNAL', 'an answer that passes has no receipt');
    if (!signal.aborted) this.#embedded = [...this.#embedded, found.opened];
    return vectorsOf(found.opened.answer?.chunks ?? [], inputs.length, found.offer.dimensions);
  }

  async #share(withWords: boolean): Promise<void> {
    const [opened] = this.#receipts('ask');
    if (opened === undefined) return;
    const file = new File([Uint8Array.from(fileOf(opened, withWords))], nameOf(opened, 0), { type: MIME });
    await navigator.share({ files: [file] }).catch((thrown: unknown) => {
      // who thinks better of it has asked for nothing else
      if (thrown instanceof DOMException && thrown.name === 'AbortError') return;
      throw new PerigeeError('UNSUPPORTED', 'this browser did not share the file; save it, and send it by hand', {
        cause: thrown,
      });
    });
  }

  async #layOut(): Promise<void> {
    const opened = this.#answered;
    // another question takes its place, and ends it
    const { signal } = this.#stops.ask;
    if (opened === undefined || this.#view.ask.layingOut === undefined) return;
    const show = (layingOut: LayingOut): void => this.#change(signal, { ask: { ...this.#view.ask, layingOut } });
    show({ stage: 'doing', blobId: undefined, problem: undefined });
    try {
      const { node, host } = await this.#keeper.ready(signal);
      const { layOut } = await import('./lay-out.ts');
      const file = new File([Uint8Array.from(encodeForAuditors(opened))], nameOf(opened, 0), { type: MIME });
      const blobId = await layOut(file, { node, host: await host, sessions: this.#sessions, signal });
      show({ stage: 'public', blobId, problem: undefined });
    } catch (thrown) {
      show({ stage: 'offered', blobId: undefined, problem: PerigeeError.from(thrown).toObject() });
    }
  }

  async #open(file: File): Promise<void> {
    const signal = this.#begin('open');
    const name = shownText(file.name);
    const blank = {
      name,
      doing: true,
      verdict: undefined,
      checks: [],
      facts: [],
      question: undefined,
      answer: undefined,
      problem: undefined,
    };
    this.#show({ receipt: blank });
    try {
      if (file.size === 0 || file.size > MAX_RECEIPT_BYTES) {
        throw new PerigeeError('PARSE', `a receipt has 1 to ${MAX_RECEIPT_BYTES} bytes, and "${name}" has ${file.size}`);
      }
      const bytes = await readFile(file);
      const { node } = await this.#keeper.ready(signal);
      const finding = await judgeReceipt(bytes, {
        state: node.chain,
        checker: this.#checker,
        attestor: this.#attestor,
        signal,
      });
      this.#change(signal, { receipt: { ...blank, doing: false, ...receiptView(finding) } });
    } catch (thrown) {
      this.#change(signal, { receipt: { ...blank, doing: false, problem: PerigeeError.from(thrown).toObject() } });
    }
  }

  async #client(prepay: bigint | undefined, signal: AbortSignal): Promise<PagePayer> {
    const { node, host } = await this.#keeper.ready(signal);
    const parts = { node, host: await host, sessions: this.#sessions, attestor: this.#attestor, checker: this.#checker };
    this.#known = await payingClient({ ...parts, prepay, signal }, this.#known);
    return this.#known;
  }

  #receipts(what: 'ask' | 'search'): readonly OpenedReceipt[] {
    if (what === 'search') return this.#embedded;
    return this.#answered === undefined ? [] : [this.#answered];
  }

  /** The key of a row, as its scheme is told by its length. */
  #keyOf(signer: string): SignerKey {
    const key = fromHex(signer);
    return { scheme: key.length === 20 ? SIGNER_SCHEME.secp256k1 : SIGNER_SCHEME.ed25519, key };
  }

  #begin(what: 'look' | 'ask' | 'search' | 'open'): AbortSignal {
    this.#stops[what].abort(new PerigeeError('ABORTED', 'something else was asked for'));
    this.#stops[what] = new AbortController();
    return this.#stops[what].signal;
  }

  /** What was ended by hand stays to be read, and says that it was; what something newer replaced says nothing. */
  #failed(what: 'ask' | 'search', signal: AbortSignal, thrown: unknown): void {
    if (this.#stops[what].signal !== signal) return;
    const problem = PerigeeError.from(thrown).toObject();
    if (what === 'ask') this.#show({ ask: { ...this.#view.ask, doing: undefined, problem } });
    else this.#show({ search: { ...this.#view.search, doing: undefined, stage: undefined, problem } });
  }

  get #view(): ComputeView {
    return this.#model.compute.value ?? NO_COMPUTE;
  }

  #showSearch(signal: AbortSignal, change: Partial<SearchView>): void {
    this.#change(signal, { search: { ...this.#view.search, ...change } });
  }

  #row(signal: AbortSignal, signer: string, change: Partial<ProviderRow>): void {
    const providers = this.#view.providers.map((row) => (row.signer === signer ? { ...row, ...change } : row));
    this.#change(signal, { providers });
  }

  #change(signal: AbortSignal, change: Partial<ComputeView>): void {
    if (!signal.aborted) this.#show(change);
  }

  #show(change: Partial<ComputeView>): void {
    this.#model.compute.value = { ...this.#view, ...change };
  }
}

function rowOf({ registration, stake, reports }: RegisteredProvider): ProviderRow {
  const { signer, provider, price, simulated, subject, expiryTime, modelRoot } = registration;
  return {
    signer: toHex(signer.key),
    account: toHex(provider),
    stake,
    reports,
    price,
    simulated,
    platform: subject.split('/').slice(0, 2).join(' '),
    untilMs: 1_000 * expiryTime,
    modelRoot: toHex(modelRoot),
    offer: undefined,
    problem: undefined,
  };
}

function offerOf(opened: OpenedReceipt | undefined): LayingOut | undefined {
  if (opened === undefined || notAuditable(opened.receipt, opened.request) !== undefined) return undefined;
  return { stage: 'offered', blobId: undefined, problem: undefined };
}

/** @param withWords also what opens the receipt's hashes */
function fileOf(opened: OpenedReceipt, withWords: boolean): Uint8Array {
  const { receipt, grounds } = opened;
  return encodeReceiptFile(withWords ? opened : { receipt, ...(grounds && { grounds }) });
}

function nameOf({ receipt }: OpenedReceipt, i: number): string {
  const id = toHex(receipt.checkpoint.body.orderId).slice(0, 12);
  return savedName(`perigee-receipt-${id}${i === 0 ? '' : `-${i + 1}`}.pgrc`, 'perigee-receipt.pgrc');
}
