import type { JsonObject, OpenRequestOptions } from '@perigee/light-core/confidential';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { type HttpAnswer, HttpError, type HttpRequest, type HttpStream, parseJson, startHttpServer } from '@perigee/net/http';
import {
  fromBase64,
  fromHex,
  HTTP_STALL_MS,
  INFERENCE_MS,
  INFERENCE_QUEUE_MS,
  MAX_INFERENCE_BODY_BYTES,
  MODEL_KIND,
  type ModelOffer,
  PaymentOrder,
  PerigeeError,
  toBase64,
  toHex,
  utf8,
} from '@perigee/wire';
import type { Provider, ProviderEvent } from '../provider.ts';
import { collect, completionOf, embeddingsOf } from './completions.ts';
import { CHAT, callFrames, EMBEDDINGS, type Endpoint, readCall } from './openai-call.ts';
import { refusalAnswer, refusalOf } from './refusal.ts';

export interface OpenAiServerOptions {
  readonly provider: Provider;
  /** IP address to listen on. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
  /** With which sealed requests are opened; without them they are refused. */
  readonly sealing?: OpenRequestOptions;
  /** Evidence and collateral of registrations, by their hashes. */
  readonly evidence?: { get(id: Uint8Array): Promise<Uint8Array | undefined> };
  readonly onFault: (error: PerigeeError) => void;
}

export interface OpenAiServer {
  readonly port: number;
  close(): Promise<void>;
}

const EVIDENCE = '/v1/evidence/';
const MAX_ORDER_CHARACTERS = 2_048;
const EVENT_STREAM = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' } as const;

/**
 * Serves a provider as OpenAI's clients ask: `/v1/models`, `/v1/embeddings`, `/v1/chat/completions`, whole or streamed. What vouches for an answer is in members that
 * those clients pass over.
 *
 * @throws UNREACHABLE when the port is taken
 */
export async function startOpenAiServer(options: OpenAiServerOptions): Promise<OpenAiServer> {
  const { host, port, onFault } = options;
  return startHttpServer({
    host,
    port,
    maxBodyBytes: MAX_INFERENCE_BODY_BYTES,
    // a model may work that long before the first byte, or between two
    answerMs: INFERENCE_QUEUE_MS + INFERENCE_MS + HTTP_STALL_MS,
    onFault,
    answer: async (request) => {
      try {
        return await route(request, options);
      } catch (thrown) {
        if (thrown instanceof HttpError) throw thrown;
        return refusalAnswer(thrown, onFault);
      }
    },
  });
}

async function route(request: HttpRequest, options: OpenAiServerOptions): Promise<HttpAnswer | HttpStream> {
  const { method, url } = request;
  const path = url.pathname.replace(/\/$/, '');
  if (path === '/v1/models' && method === 'GET') {
    const data = options.provider.offers().map(modelJson);
    return { status: 200, body: JSON.stringify({ object: 'list', data }) };
  }
  if (path.startsWith(EVIDENCE) && method === 'GET') return evidence(path.slice(EVIDENCE.length), options);
  const endpoint = path === '/v1/chat/completions' ? CHAT : path === '/v1/embeddings' ? EMBEDDINGS : undefined;
  if (endpoint === undefined) throw new PerigeeError('NOT_FOUND', `there is no ${path.slice(0, 80)}`);
  if (method !== 'POST') throw new HttpError(405, 'ask by POST', { Allow: 'POST' });
  return answer(request, endpoint, options);
}

async function answer(request: HttpRequest, endpoint: Endpoint, options: OpenAiServerOptions): Promise<HttpAnswer | HttpStream> {
  const { provider, clock } = options;
  const call = await readCall(parseJson(request.body), endpoint, options, request.headers['perigee-salt']);
  const { offer, body, seal } = call;
  const created = Math.floor(clock.now() / 1000);
  const events = provider.answer(call.request, orderOf(request), { name: request.address, signal: request.signal });
  if (body.stream === true) {
    // until it is accepted there is a status to refuse it with
    return sse(callFrames(await begun(events), call, created), options.onFault);
  }
  const whole = await collect(events);
  const encoding = body.encoding_format === 'base64' ? 'base64' : 'float';
  const value = endpoint === CHAT ? completionOf(whole, offer.id, created) : embeddingsOf(whole, offer.id, encoding);
  return { status: 200, body: JSON.stringify(seal({ value, final: true })) };
}

/** Files that a registration names by their hashes: anyone may have them, and verify them. */
async function evidence(id: string, { evidence: files }: OpenAiServerOptions): Promise<HttpAnswer> {
  const bytes = /^[0-9a-f]{64}$/.test(id) ? await files?.get(fromHex(id, 32)) : undefined;
  if (bytes === undefined) throw new PerigeeError('NOT_FOUND', 'there is no such evidence here');
  return { status: 200, body: JSON.stringify({ object: 'evidence', id, file: toBase64(bytes) }) };
}

/** Waits for the first event. @throws what comes instead of it */
async function begun(events: AsyncGenerator<ProviderEvent>): Promise<AsyncGenerator<ProviderEvent>> {
  const first = await events.next();
  return (async function* () {
    try {
      if (!first.done) yield first.value;
      yield* events;
    } finally {
      await events.return(undefined);
    }
  })();
}

function sse(frames: AsyncGenerator<JsonObject>, onFault: (error: PerigeeError) => void): HttpStream {
  const event = (value: object): Uint8Array => utf8(`data: ${JSON.stringify(value)}\n\n`);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for await (const frame of frames) yield event(frame);
    } catch (thrown) {
      if (PerigeeError.from(thrown).code === 'ABORTED') throw thrown;
      yield event(refusalOf(thrown, onFault).body);
    }
    yield utf8('data: [DONE]\n\n');
  }
  return { status: 200, headers: EVENT_STREAM, pieces: pieces(), end: () => void frames.return(undefined).catch(() => {}) };
}

/** Of the header `Perigee-Order`: a canonical PaymentOrder in base64. @throws PARSE, NOT_CANONICAL */
function orderOf({ headers }: HttpRequest): PaymentOrder | undefined {
  const text = headers['perigee-order'];
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || text.length > MAX_ORDER_CHARACTERS)
    throw new PerigeeError('PARSE', 'Perigee-Order is too long');
  return PaymentOrder.decodeCanonical(fromBase64(text));
}

function modelJson(offer: ModelOffer): object {
  const { id, kind, modelRoot, engine, price, provider, signer, evidenceId, reproducible } = offer;
  const perToken = {
    per_request: `${price.perRequest}`,
    per_prompt_token: `${price.perPromptToken}`,
    per_answer_token: `${price.perAnswerToken}`,
  };
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: toHex(provider),
    perigee: {
      kind: kind === MODEL_KIND.chat ? 'chat' : 'embeddings',
      model_root: toHex(modelRoot),
      engine,
      reproducible,
      context_tokens: offer.contextTokens,
      max_answer_tokens: offer.maxAnswerTokens,
      dimensions: offer.dimensions,
      price: perToken,
      provider: toHex(provider),
      signer: { scheme: signer.scheme, key: toBase64(signer.key) },
      evidence_id: evidenceId === undefined ? null : toHex(evidenceId),
    },
  };
}
