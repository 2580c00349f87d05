import {
  AnswerHash,
  type AnswerPiece,
  executionHashOf,
  feeOf,
  type InferenceSigner,
  isUnpaid,
  orderIdOf,
  refuseOrder,
  requestHashOf,
  signCheckpoint,
} from '@perigee/light-core/receipt';
import type { Clock } from '@perigee/light-core/roles';
import {
  CHECKPOINT_CHUNKS,
  CHECKPOINT_MS,
  type Checkpoint,
  FINISH,
  INFERENCE_VERSION,
  type InferenceExecution,
  type InferenceReceipt,
  type InferenceRequest,
  type InferenceUsage,
  type PaymentOrder,
  PerigeeError,
} from '@perigee/wire';

export type AnswerEvent = { readonly chunk: Uint8Array } | { readonly checkpoint: Checkpoint };

export interface AttestedOptions {
  readonly request: InferenceRequest;
  readonly order: PaymentOrder;
  readonly execution: InferenceExecution;
  readonly signer: InferenceSigner;
  readonly clock: Clock;
  /** Called with each receipt before its checkpoint is given out: resolves when it is on disk. */
  readonly keep: (receipt: InferenceReceipt) => Promise<void>;
}

/**
 * Signs for what a model makes: for the prompt before the first piece of what is paid for, every CHECKPOINT_CHUNKS pieces, CHECKPOINT_MS after the first that is not
 * signed for, and at the end; and, for the provider's own store alone, where an answer breaks off. All hashes are over what is executed and given out here. An answer
 * whose next piece would cost more than the order allows ends before it.
 *
 * @throws ORDER (`fee`) before the first piece when the prompt alone costs more; what the model throws
 */
export async function* attestedAnswer(made: AsyncIterable<AnswerPiece>, options: AttestedOptions): AsyncGenerator<AnswerEvent> {
  const { request, order, execution, signer, clock, keep } = options;
  const orderId = orderIdOf(order.body);
  const requestHash = requestHashOf(request);
  const executionHash = executionHashOf(execution);
  const hash = new AnswerHash(orderId, request.salt);
  const isFree = isUnpaid(order);
  let usage: InferenceUsage = { promptTokens: 0, answerTokens: 0 };
  let sequence = 0;
  let signedChunks = 0;
  /** Runs from the first piece that is not signed for. */
  let due: Due | undefined;
  /** Until the end is signed, or signing has failed. */
  let goesOn = true;

  const sign = async (finish: number): Promise<AnswerEvent> => {
    goesOn = false;
    const fee = isFree ? 0n : feeOf(execution.price, usage);
    const place = hash.place;
    const body = {
      version: INFERENCE_VERSION,
      orderId,
      requestHash,
      executionHash,
      sequence: ++sequence,
      ...place,
      usage,
      fee,
      finish,
    };
    const checkpoint = await signCheckpoint(body, signer);
    await keep({ version: INFERENCE_VERSION, order, execution, checkpoint, signer: signer.key });
    signedChunks = place.chunks;
    due?.stop();
    due = undefined;
    goesOn = finish === FINISH.none;
    return { checkpoint };
  };

  const pieces = made[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = pieces.next();
      if (due !== undefined && !(await comesBefore(next, due))) yield await sign(FINISH.none);
      const { value, done } = await next;
      if (done) return;
      const { chunk, finish } = value;
      if (!isFree && sequence === 0) {
        usage = { promptTokens: value.usage.promptTokens, answerTokens: 0 };
        if (feeOf(execution.price, usage) > order.body.maxFee) {
          throw refuseOrder('fee', `the prompt has ${usage.promptTokens} tokens, more than the order pays for`);
        }
        // on disk before the payer has anything that it could go away with
        yield await sign(FINISH.none);
      }
      if (!isFree && feeOf(execution.price, value.usage) > order.body.maxFee) {
        yield await sign(FINISH.length);
        return;
      }
      usage = value.usage;
      if (chunk !== undefined) {
        due ??= dueIn(CHECKPOINT_MS, clock);
        hash.push(chunk);
        yield { chunk };
      }
      if (finish !== undefined) {
        yield await sign(FINISH[finish]);
        return;
      }
      if (hash.place.chunks - signedChunks >= CHECKPOINT_CHUNKS) yield await sign(FINISH.none);
    }
  } finally {
    due?.stop();
    try {
      // who goes away, and whose model fails, has had these pieces all the same
      if (goesOn && hash.place.chunks > signedChunks) await sign(FINISH.none);
    } finally {
      await pieces.return?.();
    }
  }
}

/** When a checkpoint is due: one timer for all pieces that it covers. */
interface Due {
  readonly over: Promise<false>;
  stop(): void;
}

/** For the timer alone: an error made for each would cost more than the timer. */
const SIGNED = new PerigeeError('ABORTED', 'what was due is signed');

function dueIn(ms: number, clock: Clock): Due {
  const stop = new AbortController();
  const isOver = (): false => false;
  return { over: clock.sleep(ms, stop.signal).then(isOver, isOver), stop: () => stop.abort(SIGNED) };
}

/** Whether something is there before a checkpoint is due. */
function comesBefore(next: Promise<unknown>, { over }: Due): Promise<boolean> {
  const isThere = (): true => true;
  return Promise.race([next.then(isThere, isThere), over]);
}
