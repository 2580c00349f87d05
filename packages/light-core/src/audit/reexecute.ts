import {
  equal,
  FINISH,
  type InferenceReceipt,
  type InferenceRequest,
  type InferenceUsage,
  MODEL_KIND,
  PerigeeError,
} from '@perigee/wire';
import { answerWith, INT8_ENGINE, type LanguageModel } from '../model/index.ts';
import { AnswerHash, AnswerPieces, feeOf, isUnpaid } from '../receipt/index.ts';

/** What a receipt says otherwise than the model: the bytes or the end of the answer, or how many tokens were counted. */
export type AuditDifference = 'answer' | 'usage';

/** What came of executing an answer again. */
export interface Reexecuted {
  /** None where all is as the provider signed. */
  readonly difference?: AuditDifference;
  /** One sentence. */
  readonly reason: string;
  /** Running hash of our own answer, as far as the receipt goes; to its end where the receipt has one. 32 bytes. */
  readonly ownHash: Uint8Array;
  readonly usage: InferenceUsage;
}

/** Why nobody can execute the answer of a receipt again; `undefined` where anybody with the weights can. */
export function notAuditable({ execution }: InferenceReceipt, request: InferenceRequest | undefined): string | undefined {
  if (request === undefined) return 'the request is not in the file';
  if (execution.engine !== INT8_ENGINE) return `"${execution.engine}" does not give the same bytes on every machine`;
  if (request.kind !== MODEL_KIND.chat) return 'only conversations can be executed again';
  return undefined;
}

/**
 * Executes an answer again, as its receipt says that it was, and compares hash, end and usage. Work is done in `next`, a token each; whoever stops asking has
 * given up. It goes no further than the receipt, and one piece: an answer without end costs no more than was signed for.
 *
 * @param model with the weights of the execution's root
 * @param receipt whose hashes open to the request, and whose signatures hold: that was checked before
 */
export function* reexecute(
  model: LanguageModel,
  receipt: InferenceReceipt,
  request: InferenceRequest,
): Generator<undefined, Reexecuted, void> {
  const { order, execution } = receipt;
  const { body } = receipt.checkpoint;
  const isFree = isUnpaid(order);
  const hash = new AnswerHash(body.orderId, request.salt);
  /** Counts that a checkpoint at this place may have: from that of its last piece to that before the next. */
  let least: InferenceUsage | undefined;
  let most: InferenceUsage = { promptTokens: 0, answerTokens: 0 };
  let finish: number = FINISH.none;
  let isBeyond = false;
  for (const piece of ownAnswer(model, execution.parameters, request)) {
    if (piece === undefined) {
      yield;
      continue;
    }
    const { chunk, usage } = piece;
    if (least === undefined) {
      least = { promptTokens: usage.promptTokens, answerTokens: 0 };
      if (!isFree) most = least; // the prompt is signed for before the first piece
    }
    if (!isFree && feeOf(execution.price, usage) > order.body.maxFee) {
      finish = FINISH.length;
      break;
    }
    isBeyond = chunk !== undefined && hash.place.chunks === body.chunks;
    if (isBeyond && body.finish === FINISH.none) break;
    most = usage;
    if (chunk !== undefined) {
      hash.push(chunk);
      least = usage;
    }
    if (isBeyond) break;
    if (piece.finish !== undefined) finish = FINISH[piece.finish];
  }
  const { place } = hash;
  const found = { ownHash: place.runningHash, usage: most };
  if (!equal(place.runningHash, body.runningHash)) {
    const reason = isBeyond
      ? `the model goes on after the ${body.chunks} pieces at which the provider signed the end`
      : `the model gives ${place.chunks} pieces of ${place.bytes} bytes which are not the ${body.chunks} of ${body.bytes} that the provider signed`;
    return { difference: 'answer', reason, ...found };
  }
  const isEnd = body.finish !== FINISH.none;
  const [low, high] = [isEnd ? most : (least ?? most), most];
  const counted = body.usage;
  const isCounted =
    counted.promptTokens === most.promptTokens &&
    counted.answerTokens >= low.answerTokens &&
    counted.answerTokens <= high.answerTokens;
  if (!isCounted || (isEnd && body.finish !== finish)) {
    const words = `${most.promptTokens} tokens of the prompt and ${most.answerTokens} of the answer`;
    const signed = `${counted.promptTokens} and ${counted.answerTokens}`;
    return { difference: 'usage', reason: `the model counts ${words}, the provider ${signed}, or it ended otherwise`, ...found };
  }
  return { reason: `the model gives exactly the ${body.chunks} pieces that the provider signed`, ...found };
}

/** The pieces of our own answer, and nothing for each step without one. */
function* ownAnswer(model: LanguageModel, parameters: InferenceReceipt['execution']['parameters'], request: InferenceRequest) {
  const pieces = new AnswerPieces();
  let run: ReturnType<typeof answerWith>;
  try {
    run = answerWith(model, request.messages, parameters);
  } catch (error) {
    // there is no answer to what the model cannot take: whatever was signed as one is not its
    if (PerigeeError.from(error).code === 'INVALID_ARGUMENT') return;
    throw error;
  }
  for (;;) {
    const { done, value } = run.next();
    const { promptTokens, completionTokens } = value.usage;
    const usage = { promptTokens, answerTokens: completionTokens };
    if (done === true) {
      yield* pieces.push({ bytes: new Uint8Array(0), usage, finish: value.finish });
      return;
    }
    // what gives no bytes an engine does not pass on
    if (value.bytes.length > 0) yield* pieces.push({ bytes: value.bytes, usage });
    yield undefined;
  }
}
