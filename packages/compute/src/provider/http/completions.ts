/** Answers as OpenAI's clients read them, each with what vouches for it in a member `perigee` that they pass over. */
import type { JsonObject } from '@perigee/light-core/confidential';
import {
  Checkpoint,
  concatAll,
  FINISH,
  fromUtf8,
  INFERENCE_VERSION,
  InferenceOpening,
  InferenceReceipt,
  toBase64,
  toHex,
} from '@perigee/wire';
import type { ProviderEvent } from '../provider.ts';

/** What all objects of one answer have in common. */
interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** An object, and whether it is the last. */
export interface Frame {
  readonly value: JsonObject;
  readonly final: boolean;
}

export async function* chatFrames(
  events: AsyncIterable<ProviderEvent>,
  { model, created, withUsage }: { readonly model: string; readonly created: number; readonly withUsage: boolean },
): AsyncGenerator<Frame> {
  let head: Head = { id: '', created, model };
  const frame = (delta: JsonObject, finish: string | null, perigee?: JsonObject): JsonObject => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...(perigee && { perigee }),
  });
  for await (const event of events) {
    if ('opening' in event) {
      head = { ...head, id: idOf('chatcmpl', event.opening) };
      const perigee = { version: INFERENCE_VERSION, opening: toBase64(InferenceOpening.encode(event.opening)) };
      yield { value: frame({ role: 'assistant', content: '' }, null, perigee), final: false };
    } else if ('chunk' in event) yield { value: frame({ content: fromUtf8(event.chunk) }, null), final: false };
    else {
      const { body } = event.checkpoint;
      const perigee = { checkpoint: toBase64(Checkpoint.encode(event.checkpoint)) };
      const finish = finishOf(body.finish);
      const value = frame({}, finish, perigee);
      const isLast = finish !== null && !withUsage;
      // who bills reads the usage beside what is sealed
      yield { value: finish === null ? value : { ...value, ...(isLast ? {} : { usage: null }) }, final: isLast };
      if (finish !== null && withUsage) {
        yield { value: { ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(body.usage) }, final: true };
      }
    }
  }
}

/** Embeddings one by one, for who asks for a stream: each vector in base64, then what vouches for it. */
export async function* embeddingFrames(
  events: AsyncIterable<ProviderEvent>,
  { model }: { readonly model: string },
): AsyncGenerator<Frame> {
  const frame = (data: readonly JsonObject[], perigee?: JsonObject): JsonObject => ({
    object: 'list',
    data,
    model,
    ...(perigee && { perigee }),
  });
  let index = 0;
  for await (const event of events) {
    if ('opening' in event) {
      const perigee = { version: INFERENCE_VERSION, opening: toBase64(InferenceOpening.encode(event.opening)) };
      yield { value: frame([], perigee), final: false };
    } else if ('chunk' in event) {
      yield { value: frame([{ object: 'embedding', index: index++, embedding: toBase64(event.chunk) }]), final: false };
    } else {
      const { finish } = event.checkpoint.body;
      const value = frame([], { checkpoint: toBase64(Checkpoint.encode(event.checkpoint)) });
      yield { value, final: finish !== FINISH.none };
    }
  }
}

/** What a whole answer was, once it is there. */
interface Whole {
  readonly opening: InferenceOpening;
  readonly chunks: readonly Uint8Array[];
  readonly checkpoint: Checkpoint;
}

/** @throws what the events throw */
export async function collect(events: AsyncIterable<ProviderEvent>): Promise<Whole> {
  let opening: InferenceOpening | undefined;
  let checkpoint: Checkpoint | undefined;
  const chunks: Uint8Array[] = [];
  for await (const event of events) {
    if ('opening' in event) opening = event.opening;
    else if ('chunk' in event) chunks.push(event.chunk);
    else checkpoint = event.checkpoint;
  }
  if (opening === undefined || checkpoint === undefined) throw new Error('an answer ended without being signed');
  return { opening, chunks, checkpoint };
}

export function completionOf(whole: Whole, model: string, created: number): JsonObject {
  const { opening, chunks, checkpoint } = whole;
  const content = fromUtf8(concatAll(chunks));
  const finish = finishOf(checkpoint.body.finish);
  return {
    id: idOf('chatcmpl', opening),
    created,
    model,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: finish }],
    usage: usageOf(checkpoint.body.usage),
    perigee: { ...receiptOf(whole), chunks: chunks.map(({ length }) => length) },
  };
}

export function embeddingsOf(whole: Whole, model: string, encoding: 'float' | 'base64'): JsonObject {
  const { chunks, checkpoint } = whole;
  const { promptTokens } = checkpoint.body.usage;
  return {
    object: 'list',
    data: chunks.map((chunk, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? toBase64(chunk) : numbersOf(chunk),
    })),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    perigee: receiptOf(whole),
  };
}

function receiptOf({ opening, checkpoint }: Whole): JsonObject {
  const receipt = InferenceReceipt.encode({ version: INFERENCE_VERSION, ...opening, checkpoint });
  return { version: INFERENCE_VERSION, receipt: toBase64(receipt) };
}

function idOf(prefix: string, { execution }: InferenceOpening): string {
  return `${prefix}-${toHex(execution.orderId.subarray(0, 16))}`;
}

function finishOf(finish: number): string | null {
  return finish === FINISH.none ? null : finish === FINISH.length ? 'length' : 'stop';
}

function usageOf({ promptTokens, answerTokens }: { promptTokens: number; answerTokens: number }): JsonObject {
  return { prompt_tokens: promptTokens, completion_tokens: answerTokens, total_tokens: promptTokens + answerTokens };
}

function numbersOf(chunk: Uint8Array): number[] {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return Array.from({ length: chunk.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
