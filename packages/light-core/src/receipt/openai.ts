/** Requests as OpenAI's clients write them: which request each is, so that whoever sends one knows the hash of what will be executed (docs/compute.md). */
import {
  type ChatMessage,
  DEFAULT_ANSWER_TOKENS,
  INFERENCE_VERSION,
  type InferenceRequest,
  MILLIONTHS,
  MODEL_KIND,
  PerigeeError,
} from '@perigee/wire';
import { checkRequest, NO_PARAMETERS } from './request.ts';

type Members = Readonly<Record<string, unknown>>;

/** What follows from the name of the model, and is not in the body. */
export interface OpenAiContext {
  readonly modelRoot: Uint8Array;
  /** Of the header `Perigee-Salt`; empty without. */
  readonly salt: Uint8Array;
}

/** Members that would change the answer and that no engine here has: refused, because leaving them out would answer another request. */
const NOT_SERVED = [
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'audio',
  'modalities',
  'logit_bias',
  'logprobs',
  'prediction',
];

/**
 * Reads the body of `POST /v1/chat/completions`.
 *
 * @throws INVALID_ARGUMENT that names the member
 */
export function chatRequestOf(body: Members, { modelRoot, salt }: OpenAiContext): InferenceRequest {
  for (const name of NOT_SERVED) if (isSet(body[name])) throw invalid(name, 'is not served here');
  for (const name of ['frequency_penalty', 'presence_penalty']) {
    if (isSet(body[name]) && body[name] !== 0) throw invalid(name, 'is not served here');
  }
  if (isSet(body.n) && body.n !== 1) throw invalid('n', 'must be 1: an answer has one choice');
  const format = body.response_format;
  if (isSet(format) && !(isMembers(format) && format.type === 'text')) throw invalid('response_format', 'must be text');
  const { messages } = body;
  if (!Array.isArray(messages)) throw invalid('messages', 'must be a list');
  const tokens = isSet(body.max_completion_tokens) ? body.max_completion_tokens : body.max_tokens;
  const request = {
    version: INFERENCE_VERSION,
    kind: MODEL_KIND.chat,
    modelRoot,
    salt,
    messages: messages.map(messageOf),
    inputs: [],
    parameters: {
      maxTokens: isSet(tokens) ? whole(tokens, 'max_tokens') : DEFAULT_ANSWER_TOKENS,
      temperatureMillionths: millionths(body.temperature, 'temperature', 2),
      topPMillionths: millionths(body.top_p, 'top_p', 1),
      ...(isSet(body.seed) ? { seed: whole(body.seed, 'seed') } : {}),
      stop: stopOf(body.stop),
    },
  };
  checkRequest(request);
  return request;
}

/**
 * Reads the body of `POST /v1/embeddings`.
 *
 * @throws INVALID_ARGUMENT that names the member
 */
export function embeddingsRequestOf(body: Members, { modelRoot, salt }: OpenAiContext): InferenceRequest {
  const { input } = body;
  const inputs: unknown[] = Array.isArray(input) ? input : [input];
  if (!inputs.every((one) => typeof one === 'string')) throw invalid('input', 'must be a text, or a list of texts');
  if (isSet(body.dimensions)) throw invalid('dimensions', 'is not served here: a model has its own');
  const request = {
    version: INFERENCE_VERSION,
    kind: MODEL_KIND.embeddings,
    modelRoot,
    salt,
    messages: [],
    inputs: inputs as string[],
    parameters: NO_PARAMETERS,
  };
  checkRequest(request);
  return request;
}

/** A text, or texts one after another; pictures and sound are refused. */
function messageOf(message: unknown, i: number): ChatMessage {
  const name = `messages[${i}]`;
  if (!isMembers(message) || typeof message.role !== 'string') throw invalid(name, 'must have a role');
  if (isSet(message.tool_calls) || isSet(message.function_call)) throw invalid(`${name}.tool_calls`, 'is not served here');
  const { role, content } = message;
  if (typeof content === 'string') return { role, content };
  if (!Array.isArray(content)) throw invalid(`${name}.content`, 'must be a text');
  const parts = content.map((part) => {
    if (isMembers(part) && part.type === 'text' && typeof part.text === 'string') return part.text;
    throw invalid(`${name}.content`, 'must be text');
  });
  return { role, content: parts.join('') };
}

function stopOf(stop: unknown): string[] {
  if (!isSet(stop)) return [];
  const texts: unknown[] = Array.isArray(stop) ? stop : [stop];
  if (texts.every((text) => typeof text === 'string')) return texts as string[];
  throw invalid('stop', 'must be a text, or a list of texts');
}

function whole(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(name, 'must be a whole number');
}

/** Rounded: what is executed is what is signed. */
function millionths(value: unknown, name: string, most: number): number {
  if (!isSet(value)) return MILLIONTHS;
  if (typeof value === 'number' && value >= 0 && value <= most) return Math.round(value * MILLIONTHS);
  throw invalid(name, `must be a number from 0 to ${most}`);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(name: string, words: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', `"${name}" ${words}`, { data: { member: name } });
}
