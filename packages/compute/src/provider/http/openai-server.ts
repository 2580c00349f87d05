import {
  isSealed,
  type JsonObject,
  type OpenRequestOptions,
  openRequest,
  ResponseSealer,
} from '@perigee/light-core/confidential';
import { chatRequestOf, embeddingsRequestOf } from '@perigee/light-core/receipt';
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
  REQUEST_SALT_BYTES,
  toBase64,
  toHex,
  utf8,
} from '@perigee/wire';
import type { Provider, ProviderEvent } from '../provider.ts';
import { chatFrames, collect, completionOf, embeddingsOf, type Frame } from './completions.ts';
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
  readonly onFault: (error: PerigeeError) => void;
}

export interface OpenAiServer {
  readonly port: number;
  close(): Promise<void>;
}

interface Endpoint {
  readonly kind: number;
  /** Fields that must be sealed, if anything is. */
  readonly prompt: string;
  readonly sealed: string;
}

const CHAT: Endpoint = { kind: MODEL_KIND.chat, prompt: 'messages', sealed: 'choices' };
const EMBEDDINGS: Endpoint = { kind: MODEL_KIND.embeddings, prompt: 'input', sealed: 'data' };
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
  const endpoint = path === '/v1/chat/completions' ? CHAT : path === '/v1/embeddings' ? EMBEDDINGS : undefined;
  if (endpoint === undefined) throw new PerigeeError('NOT_FOUND', `there is no ${path.slice(0, 80)}`);
  if (method !== 'POST') throw new HttpError(405, 'ask by POST', { Allow: 'POST' });
  return answer(request, endpoint, options);
}

async function answer(request: HttpRequest, endpoint: Endpoint, options: OpenAiServerOptions): Promise<HttpAnswer | HttpStream> {
  const { provider, clock } = options;
  const { body, seal, salt } = await readBody(request, endpoint, options);
  const { model } = body;
  const offer = provider.offers().find(({ id, kind }) => id === model && kind === endpoint.kind);
  if (offer === undefined)
    throw new PerigeeError('NOT_FOUND', `no model "${String(model).slice(0, 80)}" of this kind is served here`);
  const context = { modelRoot: offer.modelRoot, salt };
  const asked = endpoint === CHAT ? chatRequestOf(body, context) : embeddingsRequestOf(body, context);
  const created = Math.floor(clock.now() / 1000);
  const events = provider.answer(asked, orderOf(request), { name: request.address, signal: request.signal });
  if (endpoint === CHAT && body.stream === true) {
    const streaming = body.stream_options;
    const withUsage =
      typeof streaming === 'object' && streaming !== null && 'include_usage' in streaming && streaming.include_usage === true;
    // until it is accepted there is a status to refuse it with
    const accepted = await begun(events);
    return sse(chatFrames(accepted, { model: offer.id, created, withUsage }), seal, options.onFault);
  }
  const whole = await collect(events);
  const encoding = body.encoding_format === 'base64' ? 'base64' : 'float';
  const value = endpoint === CHAT ? completionOf(whole, offer.id, created) : embeddingsOf(whole, offer.id, encoding);
  return { status: 200, body: JSON.stringify(seal({ value, final: true })) };
}

type Seal = (frame: Frame) => JsonObject;

/** @throws PARSE, INVALID_ARGUMENT, SEALED */
async function readBody(
  { body: bytes, headers }: HttpRequest,
  { prompt, sealed }: Endpoint,
  { sealing, random }: OpenAiServerOptions,
): Promise<{ readonly body: JsonObject; readonly seal: Seal; readonly salt: Uint8Array }> {
  const parsed = parseJson(bytes);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new PerigeeError('PARSE', 'a request is a JSON object');
  const body = parsed as JsonObject;
  const header = headers['perigee-salt'];
  if (!isSealed(body)) return { body, seal: ({ value }) => value, salt: saltOf(body, header) };
  if (sealing === undefined) throw new PerigeeError('SEALED', 'this provider has no key to open sealed requests with');
  if (header !== undefined || Object.hasOwn(body, 'perigee')) {
    throw new PerigeeError(
      'SEALED',
      'the salt of a sealed request is sealed with it: beside it, whoever carries it could try words',
    );
  }
  const opened = await openRequest(body, sealing, [prompt]);
  const sealer = await ResponseSealer.to(opened.responseKey, random, sealing.x25519);
  return {
    body: opened.body,
    salt: saltOf(opened.body, undefined),
    seal: ({ value, final }) => sealer.seal(value, [sealed], final).envelope,
  };
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

function sse(frames: AsyncGenerator<Frame>, seal: Seal, onFault: (error: PerigeeError) => void): HttpStream {
  const event = (value: object): Uint8Array => utf8(`data: ${JSON.stringify(value)}\n\n`);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for await (const frame of frames) yield event(seal(frame));
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

/** Of the member `perigee` (`{salt}`), or of the header `Perigee-Salt`, in hexadecimal. @throws PARSE */
function saltOf({ perigee }: JsonObject, header: string | string[] | undefined): Uint8Array {
  const isThere = typeof perigee === 'object' && perigee !== null && 'salt' in perigee;
  if (isThere && header !== undefined) throw new PerigeeError('PARSE', 'the salt is there twice');
  const text = isThere ? perigee.salt : header;
  if (text === undefined) return new Uint8Array(0);
  if (typeof text !== 'string') throw new PerigeeError('PARSE', 'a salt is a text of hexadecimal digits');
  return fromHex(text, REQUEST_SALT_BYTES);
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
