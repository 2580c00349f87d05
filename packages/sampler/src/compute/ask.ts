import type { ReceiptCheck } from '@perigee/light-core/receipt';
import {
  type Checkpoint,
  equal,
  type InferenceRequest,
  MAX_ANSWER_BYTES,
  MAX_UNSIGNED_CHUNKS,
  type OpenedReceipt,
  PaymentOrder,
  PerigeeError,
  type ProviderRegistration,
} from '@perigee/wire';
import { type AnswerChecker, type AnswerStand, failureOf, type OpenCheck } from './answers/index.ts';
import type { Carrier } from './carriers/index.ts';
import type { OpenedFrame, SealedExchange } from './sealing.ts';

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly chain: { readonly chainId: string; readonly genesisHash: Uint8Array };
  /** Checks what comes, in a worker. */
  readonly checker: Pick<AnswerChecker, 'begin'>;
}

export interface Asked {
  readonly registration: ProviderRegistration;
  readonly request: InferenceRequest;
  /** Signed by who pays. */
  readonly order: PaymentOrder;
  /** The request as it is sealed; `undefined` sends it in the clear. */
  readonly sealed: SealedExchange | undefined;
}

/** That an answer has begun; a piece of it that came, which nobody vouches for yet; or how much of what came is signed for by now. */
export type AnswerNews =
  /** The provider has begun: what comes is an answer to this order, of the model that was asked for. */
  | { readonly begun: true }
  | { readonly chunk: Uint8Array }
  | {
      readonly verified: { readonly chunks: number; readonly bytes: number };
      readonly checks: readonly ReceiptCheck[];
      /** What holds so far, with what opens its hashes: to be kept by who goes before the end. */
      readonly opened: OpenedReceipt | undefined;
    };

/** An answer, and what was found when it had ended. */
export interface Answered {
  readonly checks: readonly ReceiptCheck[];
  /** What holds of it, with what opens its hashes; none where nothing was signed that holds. */
  readonly opened: OpenedReceipt | undefined;
  /** Why it ended before its end. */
  readonly error?: PerigeeError;
}

/**
 * Sends a request with its order, and has every piece of the answer verified over exactly the bytes that come. It ends with the first check that fails.
 *
 * @returns at its end all checks; it throws what the provider refused with before it began (`data.remote`), UNREACHABLE, TIMEOUT, ABORTED
 */
export async function* askProvider(
  carrier: Pick<Carrier, 'answer'>,
  asked: Asked,
  options: AskOptions,
): AsyncGenerator<AnswerNews, Answered, void> {
  const { request, order, sealed } = asked;
  const answer = new Answer(asked, options);
  try {
    let failed: PerigeeError | undefined;
    try {
      const call = sealed === undefined ? { request, order } : { order, sealed: sealed.bytes };
      for await (const frame of carrier.answer(call, options.signal)) {
        yield* answer.take(await openedFrame(frame, sealed));
      }
    } catch (thrown) {
      failed = PerigeeError.from(thrown);
      if (failed.code === 'ABORTED' || (!answer.isBegun && !isCheck(failed))) throw failed;
    }
    return await answer.end(failed);
  } finally {
    answer.leave();
  }
}

/** Whether it says that what came is not what it should be, and not that nothing more came. */
function isCheck({ code }: PerigeeError): boolean {
  return code === 'RECEIPT' || code === 'SEALED';
}

/** @throws SEALED, PARSE */
async function openedFrame(
  frame: OpenedFrame & { readonly sealed?: Uint8Array | undefined },
  sealed: SealedExchange | undefined,
): Promise<OpenedFrame> {
  if (sealed === undefined) return frame;
  if (frame.sealed === undefined) throw new PerigeeError('SEALED', 'a sealed request was answered in the clear');
  return sealed.open(frame.sealed).catch((thrown: unknown) => {
    const error = PerigeeError.from(thrown);
    throw error.code === 'SEALED' ? error : new PerigeeError('SEALED', error.message, { cause: error });
  });
}

/** One answer while it comes. */
class Answer {
  readonly #asked: Asked;
  readonly #options: AskOptions;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Pieces that the worker has. */
  #handed = 0;
  #check: OpenCheck | undefined;
  #stand: AnswerStand | undefined;

  constructor(asked: Asked, options: AskOptions) {
    this.#asked = asked;
    this.#options = options;
  }

  get isBegun(): boolean {
    return this.#stand !== undefined;
  }

  /** @throws RECEIPT, PARSE, ABORTED, INTERNAL */
  async *take({ opening, chunk, checkpoint }: OpenedFrame): AsyncGenerator<AnswerNews, void, void> {
    if (opening !== undefined) {
      await this.#begin(opening);
      yield { begun: true };
    } else if (this.#check === undefined) {
      throw notAsAgreed('order', 'the answer begins without saying what it is an answer to');
    } else if (chunk !== undefined) {
      this.#bytes += chunk.length;
      if (this.#bytes > MAX_ANSWER_BYTES) throw new PerigeeError('PARSE', 'the answer is longer than one may be');
      this.#chunks.push(chunk);
      // what is wrong with it the worker says
      const isTooMany = this.#chunks.length - this.#handed > MAX_UNSIGNED_CHUNKS || this.#stand?.isFinal === true;
      if (isTooMany) await this.#hand({});
      yield { chunk };
    } else if (checkpoint !== undefined) {
      const { verified, checks } = await this.#hand({ checkpoint });
      yield { verified, checks, opened: this.#opened() };
    } else throw new PerigeeError('PARSE', 'the provider sent a frame that holds no part of an answer');
  }

  async #begin(opening: NonNullable<OpenedFrame['opening']>): Promise<void> {
    const { registration, request, order } = this.#asked;
    const { checker, chain, signal } = this.#options;
    if (this.#stand !== undefined) throw notAsAgreed('order', 'the answer begins twice');
    // what is answered is what was paid for, and not an order of the provider's own
    if (!equal(PaymentOrder.encode(opening.order), PaymentOrder.encode(order))) {
      throw notAsAgreed('order', 'the provider answers another order than the one that was sent');
    }
    const { provider, signer, modelRoot, evidenceId, price } = registration;
    const expected = { ...chain, provider: { account: provider, signer }, modelRoot, evidenceId, price };
    const { stand, check } = await checker.begin({ opening, request, sent: order, expected }, signal);
    this.#stand = stand;
    this.#check = check;
    this.#throwIfFailed();
  }

  async #hand(more: { readonly checkpoint?: Checkpoint; readonly isEnd?: boolean }): Promise<AnswerStand> {
    const chunks = this.#chunks.slice(this.#handed);
    this.#handed = this.#chunks.length;
    if (this.#check === undefined) throw new PerigeeError('INTERNAL', 'an answer is checked before it begins');
    this.#stand = await this.#check.take({ chunks, ...more });
    this.#throwIfFailed();
    return this.#stand;
  }

  #throwIfFailed(): void {
    const failed = this.#stand && failureOf(this.#stand);
    if (failed !== undefined) throw failed;
  }

  /** @param failed what ended it, if it was not the provider */
  async end(failed: PerigeeError | undefined): Promise<Answered> {
    let error = failed;
    if (this.#check !== undefined && (failed === undefined || !isCheck(failed))) {
      await this.#hand({ isEnd: true }).catch((thrown: unknown) => {
        error = PerigeeError.from(thrown);
        if (!isCheck(error)) throw error;
      });
    }
    if (this.#stand === undefined && error === undefined) {
      throw new PerigeeError('STREAM_CLOSED', 'the provider ended without an answer');
    }
    const { checks = [], isFinal = false } = this.#stand ?? {};
    const opened = this.#opened();
    if (error === undefined || (isFinal && !isCheck(error))) return { checks, opened };
    return { checks: withFailure(checks, error), opened, error };
  }

  #opened(): OpenedReceipt | undefined {
    const { receipt, verified } = this.#stand ?? {};
    const { request } = this.#asked;
    return receipt && { receipt, request, answer: { chunks: this.#chunks.slice(0, verified?.chunks) } };
  }

  leave(): void {
    this.#check?.leave();
  }
}

/** What failed beside the verifier's own list, in its place there. */
function withFailure(checks: readonly ReceiptCheck[], { data, message, code }: PerigeeError): readonly ReceiptCheck[] {
  if (code !== 'RECEIPT') return checks;
  const name = data?.check as ReceiptCheck['name'];
  const failure: ReceiptCheck = { name, verdict: 'fail', reason: message };
  if (!checks.some((check) => check.name === name)) return [...checks, failure];
  return checks.map((check) => (check.name === name && check.verdict !== 'fail' ? failure : check));
}

function notAsAgreed(check: ReceiptCheck['name'], words: string): PerigeeError {
  return new PerigeeError('RECEIPT', words, { data: { check } });
}
