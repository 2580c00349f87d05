/** The one lie of each provider, over what its honest part answers: on the way, or in the model that it runs. */
import { executionHashOf, feeOf, type InferenceSigner, requestHashOf, signCheckpoint } from '@perigee/light-core/receipt';
import {
  type Checkpoint,
  type CheckpointBody,
  FINISH,
  type InferenceCall,
  type InferenceFrame,
  type InferenceOpening,
  MODEL_KIND,
  type ProviderEvidenceAnswer,
  utf8,
} from '@perigee/wire';
import type { ChatModel, GeneratedPiece } from '../../../packages/compute/src/engines/index.ts';

/**
 * Lies that are seen at once, by the check that stands beside each: of the receipt, or where it has two words of the evidence.
 *
 * `swapByte`: a byte of the answer is another than was signed. `cutStream`: it ends, and nobody signed an end. `otherModel`: another model answers, and the receipt
 * says so. `oldQuote`: the evidence that is shown is that of an earlier block. `oldEvidence`: the receipt names that. `otherChat`: what is signed is of an earlier
 * exchange. `overcharge`: a unit more than usage and price give. `overcount`: more tokens than the answer can have. `callerHash`: the hash of another request is
 * signed, one that a caller supplied. `dearer`: the price is not the registered one. `ownOrder`: the answer is to an order for nothing.
 */
export const SEEN_AT_ONCE = {
  swapByte: 'content',
  cutStream: 'final',
  otherModel: 'model',
  oldQuote: 'CHANGED',
  oldEvidence: 'evidence',
  otherChat: 'order',
  overcharge: 'fee',
  overcount: 'usage',
  callerHash: 'request',
  dearer: 'fee',
  ownOrder: 'order',
} as const;
export type WireLie = keyof typeof SEEN_AT_ONCE;

/**
 * Lies that only executing the answer again shows, with what that calls them: everything is signed as it should be. `alteredPrompt`: another prompt was executed than
 * the one whose hash is signed. `otherWeights`: it runs on other weights. `swapToken`: a word is another. `likeliest`: nothing was drawn. `stopsEarly`: the end is signed
 * before the model's. `counts`: the prompt is
 * counted as a token more.
 */
export const SEEN_BY_AUDIT = {
  alteredPrompt: 'fraud',
  otherWeights: 'fraud',
  swapToken: 'fraud',
  likeliest: 'fraud',
  stopsEarly: 'fraud',
  counts: 'overcount',
} as const;
export type ModelLie = keyof typeof SEEN_BY_AUDIT;

export interface WireLiar {
  frames(call: InferenceCall, honest: AsyncIterable<InferenceFrame>): AsyncIterable<InferenceFrame>;
  evidence(answer: ProviderEvidenceAnswer): ProviderEvidenceAnswer;
}

export interface WireLieParts {
  /** The provider's own key: what it lies about it signs. */
  readonly signer: InferenceSigner;
  /** Evidence of an earlier block. */
  readonly oldEvidence: Uint8Array;
  readonly oldEvidenceId: Uint8Array;
}

export function wireLiar(lie: WireLie, { signer, oldEvidence, oldEvidenceId }: WireLieParts): WireLiar {
  const as = (change: Partial<CheckpointBody>, { body }: Checkpoint): Promise<Checkpoint> =>
    signCheckpoint({ ...body, ...change }, signer);
  /** Says that something else ran, and signs that. */
  const running = (change: Partial<InferenceOpening['execution']>) =>
    async function* (frames: AsyncIterable<InferenceFrame>): AsyncGenerator<InferenceFrame> {
      let executionHash = new Uint8Array(32);
      for await (const frame of frames) {
        if (frame.opening !== undefined) {
          const execution = { ...frame.opening.execution, ...change };
          executionHash = Uint8Array.from(executionHashOf(execution));
          yield { ...frame, opening: { ...frame.opening, execution } };
        } else if (frame.checkpoint !== undefined) yield { ...frame, checkpoint: await as({ executionHash }, frame.checkpoint) };
        else yield frame;
      }
    };
  const counting = (change: (body: CheckpointBody, opening: InferenceOpening) => Partial<CheckpointBody>) =>
    async function* (frames: AsyncIterable<InferenceFrame>): AsyncGenerator<InferenceFrame> {
      let opening: InferenceOpening | undefined;
      for await (const frame of frames) {
        opening ??= frame.opening;
        if (frame.checkpoint === undefined || opening === undefined) yield frame;
        else yield { ...frame, checkpoint: await as(change(frame.checkpoint.body, opening), frame.checkpoint) };
      }
    };
  const former: Checkpoint[] = [];
  const lies: {
    readonly [Name in WireLie]?: (frames: AsyncIterable<InferenceFrame>, call: InferenceCall) => AsyncIterable<InferenceFrame>;
  } = {
    async *swapByte(frames) {
      let isDone = false;
      for await (const frame of frames) {
        if (frame.chunk === undefined || isDone) yield frame;
        else {
          isDone = true;
          yield { ...frame, chunk: frame.chunk.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) };
        }
      }
    },
    async *cutStream(frames) {
      for await (const frame of frames) {
        if (frame.checkpoint !== undefined && frame.checkpoint.body.finish !== FINISH.none) return;
        yield frame;
      }
    },
    otherModel: running({ modelRoot: new Uint8Array(32).fill(0x0b) }),
    oldEvidence: running({ evidenceId: oldEvidenceId }),
    async *otherChat(frames) {
      const isFirst = former.length === 0;
      let at = 0;
      for await (const frame of frames) {
        if (frame.checkpoint === undefined) yield frame;
        else if (isFirst) {
          former.push(frame.checkpoint);
          yield frame;
        } else yield { ...frame, checkpoint: former[at++] ?? frame.checkpoint };
      }
    },
    overcharge: counting(({ fee }) => ({ fee: fee + 1n })),
    overcount: counting((body, { execution }) => {
      const usage = { ...body.usage, promptTokens: body.usage.promptTokens + 10_000 };
      return { usage, fee: feeOf(execution.price, usage) };
    }),
    async *callerHash(frames, { request }) {
      if (request === undefined) return yield* frames;
      const requestHash = requestHashOf({ ...request, messages: [{ role: 'user', content: 'What the caller says was asked.' }] });
      yield* counting(() => ({ requestHash }))(frames);
    },
    async *dearer(frames) {
      let price = { perRequest: 0n, perPromptToken: 0n, perAnswerToken: 0n };
      for await (const frame of frames) {
        const { opening } = frame;
        if (opening !== undefined) {
          price = { ...opening.execution.price, perRequest: opening.execution.price.perRequest + 1n };
          yield { ...frame, opening: { ...opening, execution: { ...opening.execution, price } } };
        } else yield frame;
      }
    },
    async *ownOrder(frames) {
      for await (const frame of frames) {
        const { opening } = frame;
        if (opening === undefined) yield frame;
        else yield { ...frame, opening: { ...opening, order: { body: { ...opening.order.body, maxFee: 0n } } } };
      }
    },
  };
  return {
    frames(call, honest) {
      const told = lies[lie];
      return told === undefined || call.request?.kind !== MODEL_KIND.chat ? honest : told(honest, call);
    },
    evidence: (answer) => (lie === 'oldQuote' && answer.evidence !== undefined ? { ...answer, evidence: oldEvidence } : answer),
  };
}

/** A model that lies in the answers that it is told to. @param lieOf asked for each prompt @param other another model */
export function lyingModel(model: ChatModel, other: ChatModel, lieOf: (prompt: string) => ModelLie | undefined): ChatModel {
  return {
    ...model,
    async *generate(messages, parameters, options) {
      const lie = lieOf(messages.at(-1)?.content ?? '');
      const honest = (change = parameters) => model.generate(messages, change, options);
      if (lie === 'alteredPrompt') {
        const altered = messages.map(({ role, content }) => ({ role, content: `${content} Say it briefly.` }));
        yield* model.generate(altered, parameters, options);
      } else if (lie === 'otherWeights') yield* other.generate(messages, parameters, options);
      else if (lie === 'likeliest') yield* honest({ ...parameters, temperatureMillionths: 0 });
      else if (lie === 'stopsEarly') yield* shortened(honest());
      else if (lie === 'counts') {
        for await (const piece of honest()) {
          const { promptTokens, answerTokens } = piece.usage;
          yield { ...piece, usage: { promptTokens: promptTokens + 1, answerTokens } };
        }
      } else if (lie === 'swapToken') yield* swapped(honest());
      else yield* honest();
    },
  };
}

/** Half of an answer, with an end. */
async function* shortened(pieces: AsyncIterable<GeneratedPiece>): AsyncGenerator<GeneratedPiece> {
  const all: GeneratedPiece[] = [];
  for await (const piece of pieces) all.push(piece);
  const half = all.slice(0, Math.ceil(all.length / 2));
  const usage = half.at(-1)?.usage ?? { promptTokens: 0, answerTokens: 0 };
  yield* half;
  yield { bytes: new Uint8Array(0), usage, finish: 'stop' };
}

/** The third piece is another word of the same length. */
async function* swapped(pieces: AsyncIterable<GeneratedPiece>): AsyncGenerator<GeneratedPiece> {
  let count = 0;
  for await (const piece of pieces) {
    count++;
    yield count === 3 ? { ...piece, bytes: utf8('x'.repeat(Math.max(1, piece.bytes.length))) } : piece;
  }
}
