import {
  checkRequest,
  feeOf,
  type InferenceSigner,
  isUnpaid,
  maxPromptTokens,
  orderIdOf,
  refuseOrder,
  requestHashOf,
  unpaidOrder,
  verifyOrder,
} from '@perigee/light-core/receipt';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import {
  ANSWER_READ_MS,
  equal,
  INFERENCE_MS,
  INFERENCE_QUEUE_MS,
  INFERENCE_VERSION,
  type InferenceExecution,
  type InferenceOpening,
  type InferencePrice,
  type InferenceRequest,
  keyText,
  MAX_ANSWER_BYTES,
  MAX_OPEN_ANSWERS,
  MAX_OPEN_ANSWERS_PER_CALLER,
  MAX_OPEN_UNPAID_ANSWERS,
  MAX_ORDER_BLOCKS,
  MIN_SETTLE_BLOCKS,
  MODEL_KIND,
  type ModelOffer,
  type PaymentOrder,
  PerigeeError,
  SETTLE_BEFORE_BLOCKS,
  toHex,
} from '@perigee/wire';
import type { Model } from '../engines/index.ts';
import { readAhead } from './answer-buffer.ts';
import { type AnswerEvent, attestedAnswer } from './attested-answer.ts';
import { runModel } from './run-model.ts';
import { Turns } from './turns.ts';

const F32_BYTES = 4;

/** Whom a provider signs as. */
export interface ProviderIdentity {
  /** 20 bytes: the account that is paid. */
  readonly account: Uint8Array;
  readonly signer: InferenceSigner;
  /** SHA-256 of the evidence that binds the key and the models; none without evidence. */
  readonly evidenceId?: Uint8Array;
}

export interface ServedModel {
  readonly model: Model;
  readonly price: InferencePrice;
}

/** What the chain says of one who pays. */
export interface Standing {
  /** Of bonded stake; 0 for none. */
  readonly stakeClass: number;
  /** Called when all is signed that will be, whether or not it is read: what was set aside for it is free again, and what is owed can be settled. */
  readonly release?: () => void;
}

export interface ProviderOptions {
  readonly chain: {
    readonly chainId: string;
    readonly genesisHash: Uint8Array;
    /** Blocks after which a payer can take back what it prepaid: no order may last longer. MAX_ORDER_BLOCKS where it is not known. */
    readonly unlockBlocks?: number;
  };
  /** As whom it signs for a model; asked at each request: evidence is renewed while a provider runs. */
  readonly identity: (modelRoot: Uint8Array) => ProviderIdentity;
  readonly models: readonly ServedModel[];
  /** Where orders and receipts are kept. */
  readonly ledger: {
    begin(order: PaymentOrder, onFree: () => void): Promise<void>;
    keep(receipt: Parameters<Parameters<typeof attestedAnswer>[1]['keep']>[0]): Promise<void>;
  };
  /** Whether requests are answered for which nobody pays. */
  readonly allowUnpaid: boolean;
  /** Height of the chain. */
  readonly height: () => number;
  /**
   * Looks at the payer in the chain's state: balance, cap, and the grant of a session key.
   *
   * @throws REFUSED, ORDER
   */
  readonly admit: (order: PaymentOrder, sessionKey: Uint8Array | undefined) => Promise<Standing>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly verifyEd25519: VerifyEd25519;
}

/** Who asks, and how long it waits. */
export interface AnswerCaller {
  /** Address or peer id: bounds what one caller has open. */
  readonly name: string;
  readonly signal: AbortSignal;
}

export type ProviderEvent = { readonly opening: InferenceOpening } | AnswerEvent;

/** Answers requests with the models that it has, and signs for what it answers. It knows no transport. */
export class Provider {
  readonly #options: ProviderOptions;
  readonly #turns: ReadonlyMap<string, Turns>;
  readonly #open = new Map<string, number>();
  #allOpen = 0;
  #freeOpen = 0;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.#turns = new Map(options.models.map(({ model }) => [toHex(model.modelRoot), new Turns(model.concurrency)]));
  }

  /** Answers that are made, wait, or wait for their readers. */
  get open(): number {
    return this.#allOpen;
  }

  offers(): ModelOffer[] {
    return this.#options.models.map(({ model, price }) => {
      const { account, signer, evidenceId } = this.#options.identity(model.modelRoot);
      return {
        id: model.id,
        kind: MODEL_KIND[model.kind],
        modelRoot: model.modelRoot,
        engine: model.engine,
        contextTokens: model.contextTokens,
        maxAnswerTokens: model.kind === 'chat' ? model.maxAnswerTokens : 0,
        dimensions: model.kind === 'embeddings' ? model.dimensions : 0,
        price,
        provider: account,
        signer: signer.key,
        ...(evidenceId && { evidenceId }),
        reproducible: model.reproducible,
      };
    });
  }

  /**
   * Answers a request. The first event is the opening; nothing was charged before it comes.
   *
   * @param order none where nobody pays
   * @throws INVALID_ARGUMENT, NOT_FOUND (no such model), ORDER, REFUSED, BUSY, TIMEOUT, ABORTED, STORE_FULL
   */
  async *answer(request: InferenceRequest, order: PaymentOrder | undefined, caller: AnswerCaller): AsyncGenerator<ProviderEvent> {
    const leave = this.#enter(caller.name, order === undefined || isUnpaid(order));
    try {
      yield* this.#answer(request, order, caller);
    } finally {
      leave();
    }
  }

  async *#answer(
    request: InferenceRequest,
    given: PaymentOrder | undefined,
    caller: AnswerCaller,
  ): AsyncGenerator<ProviderEvent> {
    const { clock, ledger, height } = this.#options;
    const served = this.#modelOf(request);
    const { order, stakeClass, release: settleable = () => {} } = await this.#accept(request, given, served);
    const isFree = isUnpaid(order);
    const owner = isFree ? caller.name : toHex(order.body.payer);
    const rank = { owner, stakeClass, fee: order.body.maxFee, isUnpaid: isFree };
    const stop = new AbortController();
    let isMaking = false;
    const onAbort = (): void => stop.abort(caller.signal.reason);
    caller.signal.addEventListener('abort', onAbort, { once: true });
    if (caller.signal.aborted) onAbort();
    let unlimit = endAfter(INFERENCE_QUEUE_MS, stop, clock);
    let leave = (): void => {};
    let endedAt: number | undefined;
    const end = (): void => {
      endedAt = clock.now();
      unlimit();
      leave();
      settleable();
    };
    try {
      leave = await this.#turnsOf(served).take(rank, stop.signal);
      unlimit();
      unlimit = endAfter(INFERENCE_MS, stop, clock);
      const { signer } = this.#options.identity(served.model.modelRoot);
      const execution = this.#execution(request, order, served);
      // the model goes on while a checkpoint is signed and put on disk
      const run = () => {
        const pieces = runModel(served.model, request, execution.parameters, stop.signal);
        return readAhead(isFree ? pieces : whilePaid(pieces, order, height), (reason) => stop.abort(reason));
      };
      // it reads the prompt while the order goes to the disk; nothing is given out before it is there
      let made = isFree ? run() : undefined;
      if (!isFree) {
        await ledger.begin(order, () => {
          made = run();
        });
      }
      if (made === undefined) throw new PerigeeError('INTERNAL', 'an order was taken without a word');
      const keep = async (receipt: Parameters<typeof ledger.keep>[0]): Promise<void> => {
        if (!isFree) await ledger.keep(receipt);
      };
      const events = attestedAnswer(made, { request, order, execution, signer, clock, keep });
      // begun before anything is given out: one who reads nothing holds up no model, and no settlement
      isMaking = true;
      const ahead = readAhead(ended(events, end), (reason) => stop.abort(reason));
      yield { opening: { order, execution, signer: signer.key } };
      for await (const event of ahead) {
        if (endedAt !== undefined && clock.now() > endedAt + ANSWER_READ_MS) {
          throw new PerigeeError('TIMEOUT', `the answer was made ${ANSWER_READ_MS} ms ago, and is not read to its end`);
        }
        yield event;
      }
    } finally {
      caller.signal.removeEventListener('abort', onAbort);
      stop.abort(new PerigeeError('ABORTED', 'nobody reads the answer'));
      if (!isMaking) end();
    }
  }

  #turnsOf({ model }: ServedModel): Turns {
    const turns = this.#turns.get(toHex(model.modelRoot));
    if (turns === undefined) throw new PerigeeError('INTERNAL', 'a model has no turns');
    return turns;
  }

  /** @throws INVALID_ARGUMENT, UNKNOWN_VERSION, NOT_FOUND */
  #modelOf(request: InferenceRequest): ServedModel {
    checkRequest(request);
    const served = this.#options.models.find(({ model }) => equal(model.modelRoot, request.modelRoot));
    if (served === undefined || MODEL_KIND[served.model.kind] !== request.kind) {
      throw new PerigeeError('NOT_FOUND', `no model ${toHex(request.modelRoot)} of kind ${request.kind} is served here`);
    }
    const { model } = served;
    if (model.kind === 'chat' && request.parameters.maxTokens > model.maxAnswerTokens) {
      const words = `${model.id} makes at most ${model.maxAnswerTokens} tokens; ask for fewer than ${request.parameters.maxTokens}`;
      throw new PerigeeError('INVALID_ARGUMENT', words);
    }
    if (model.kind === 'embeddings' && request.inputs.length * model.dimensions * F32_BYTES > MAX_ANSWER_BYTES) {
      const words = `${request.inputs.length} vectors of ${model.dimensions} numbers are more than the ${MAX_ANSWER_BYTES} bytes of an answer: ask for fewer`;
      throw new PerigeeError('INVALID_ARGUMENT', words);
    }
    return served;
  }

  /** @throws ORDER, REFUSED */
  async #accept(
    request: InferenceRequest,
    order: PaymentOrder | undefined,
    served: ServedModel,
  ): Promise<Standing & { readonly order: PaymentOrder }> {
    const { chain, identity, random, allowUnpaid, admit, height, verifyEd25519 } = this.#options;
    const { account } = identity(request.modelRoot);
    // our own, of what we execute: what the order claims is only compared with it
    const requestHash = requestHashOf(request);
    if (order === undefined || isUnpaid(order)) {
      if (!allowUnpaid) throw refuseOrder('payer', 'this provider answers only what is paid for: send a signed order');
      const ours = unpaidOrder(
        { provider: account, modelRoot: request.modelRoot, requestHash, nonce: order?.body.nonce ?? random(16) },
        chain.genesisHash,
      );
      if (order !== undefined && !equal(orderIdOf(order.body), orderIdOf(ours.body))) {
        throw refuseOrder('request', 'the order is not of this request, or of another provider, model or chain');
      }
      return { order: ours, stakeClass: 0 };
    }
    const { body } = order;
    const { sessionKey } = await verifyOrder(order, { ...chain, verifyEd25519 });
    if (!equal(body.provider, account)) throw refuseOrder('provider', `the order is for provider ${keyText(body.provider)}`);
    if (!equal(body.modelRoot, request.modelRoot)) throw refuseOrder('model', 'the order is for another model than the request');
    if (!equal(body.requestHash, requestHash)) throw refuseOrder('request', 'the order names the hash of another request');
    const least = height() + MIN_SETTLE_BLOCKS;
    if (body.expiryHeight < least) {
      throw refuseOrder('expiry', `the order expires at height ${body.expiryHeight}; it must hold until ${least} at least`);
    }
    const most = height() + (chain.unlockBlocks ?? MAX_ORDER_BLOCKS);
    if (body.expiryHeight > most) {
      throw refuseOrder(
        'expiry',
        `the order expires at height ${body.expiryHeight}, and no settlement takes it: at most ${most}`,
      );
    }
    await checkLeastFee(request, order, served);
    return { order, ...(await admit(order, sessionKey)) };
  }

  #execution(request: InferenceRequest, order: PaymentOrder, { model, price }: ServedModel): InferenceExecution {
    const { identity, random } = this.#options;
    const { evidenceId } = identity(model.modelRoot);
    const { seed = new DataView(random(4).buffer).getUint32(0), ...rest } = request.parameters;
    return {
      version: INFERENCE_VERSION,
      orderId: orderIdOf(order.body),
      modelRoot: model.modelRoot,
      ...(evidenceId && { evidenceId }),
      engine: model.engine,
      parameters: model.kind === 'chat' ? { ...rest, seed } : rest,
      price,
    };
  }

  /** @throws BUSY */
  #enter(name: string, isFree: boolean): () => void {
    const open = this.#open.get(name) ?? 0;
    if (open >= MAX_OPEN_ANSWERS_PER_CALLER || this.#allOpen >= MAX_OPEN_ANSWERS) {
      throw new PerigeeError('BUSY', 'too many answers are open: let one end, and come again');
    }
    if (isFree && this.#freeOpen >= MAX_OPEN_UNPAID_ANSWERS) {
      throw new PerigeeError('BUSY', 'too many answers are open for which nobody pays: send a signed order, or come again');
    }
    this.#allOpen++;
    if (isFree) this.#freeOpen++;
    this.#open.set(name, open + 1);
    return () => {
      this.#allOpen--;
      if (isFree) this.#freeOpen--;
      const left = (this.#open.get(name) ?? 0) - 1;
      if (left > 0) this.#open.set(name, left);
      else this.#open.delete(name);
    };
  }
}

/**
 * That an order pays for the prompt and a token more, before a model reads it: where the model cannot count, for the most that the prompt can have.
 *
 * @throws ORDER (`fee`)
 */
async function checkLeastFee(request: InferenceRequest, { body }: PaymentOrder, { model, price }: ServedModel): Promise<void> {
  const promptTokens = (await model.countPrompt?.(request)) ?? maxPromptTokens(request);
  const least = feeOf(price, { promptTokens, answerTokens: model.kind === 'chat' ? 1 : 0 });
  if (body.maxFee >= least) return;
  throw refuseOrder('fee', `the prompt alone may cost ${least}; the order allows ${body.maxFee}`);
}

/** Breaks an answer off while it can still be settled, however long it waited or takes: what is signed for later nobody pays for. */
async function* whilePaid<T>(made: AsyncIterable<T>, { body }: PaymentOrder, height: () => number): AsyncGenerator<T> {
  for await (const piece of made) {
    if (body.expiryHeight < height() + SETTLE_BEFORE_BLOCKS) {
      throw new PerigeeError('TIMEOUT', `the answer takes longer than its order, which expires at height ${body.expiryHeight}`);
    }
    yield piece;
  }
}

/** For the timer alone. */
const ENDED = new PerigeeError('ABORTED', 'what was limited has ended');

/** Fires after a time. @returns takes that back: a timer of minutes would hold what it ends long after it has ended */
function endAfter(ms: number, stop: AbortController, clock: Clock): () => void {
  const over = new AbortController();
  clock.sleep(ms, over.signal).then(
    () => stop.abort(new PerigeeError('TIMEOUT', `there was no answer within ${ms / 1000} s`)),
    () => {},
  );
  return () => over.abort(ENDED);
}

/** The model is free for the next, and the order to be settled, as soon as the answer is made, whether or not it was read. */
async function* ended<T>(events: AsyncIterable<T>, end: () => void): AsyncGenerator<T> {
  try {
    yield* events;
  } finally {
    end();
  }
}
