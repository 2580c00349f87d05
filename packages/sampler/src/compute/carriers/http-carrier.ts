/** For programs: a page asks over WebRTC. */
import { abortable, limitedSignal } from '@perigee/net';
import {
  fromBase64,
  fromHex,
  fromUtf8,
  HTTP_STALL_MS,
  INFERENCE_MS,
  INFERENCE_QUEUE_MS,
  type InferenceFrame,
  isErrorCode,
  MAX_ENGINE_BYTES,
  MAX_MODEL_ID_BYTES,
  MAX_MODELS,
  MAX_REGISTERED_COLLATERAL_BYTES,
  MAX_SEALED_FRAME_BYTES,
  MODEL_KIND,
  ModelOffer,
  PaymentOrder,
  PerigeeError,
  REQUEST_TIMEOUT_MS,
  toBase64,
  toHex,
  utf8,
} from '@perigee/wire';
import type { Carrier } from './carrier.ts';

/** Of one answer that is not a stream, bytes: evidence or collateral in base64, or the list of models. */
const MAX_BODY_BYTES = 2 * MAX_REGISTERED_COLLATERAL_BYTES;
/** Of a stream between two events. */
const MAX_EVENT_BYTES = MAX_SEALED_FRAME_BYTES + 1_024;
const MAX_WORDS = 400;

type Members = Readonly<Record<string, unknown>>;

/**
 * Asks a provider over HTTP, as OpenAI's clients do. Only sealed requests go this way: who listens reads none of them.
 *
 * @param url ends in `/v1`
 */
export function httpCarrier(url: string, fetch: typeof globalThis.fetch = globalThis.fetch): Carrier {
  const base = url.replace(/\/$/, '');

  async function get(path: string, signal: AbortSignal): Promise<Members> {
    const until = limitedSignal(signal, REQUEST_TIMEOUT_MS);
    const response = await reached(base, () => fetch(`${base}${path}`, { signal: until, redirect: 'error' }), signal, until);
    const body = await bodyOf(response, until);
    if (!response.ok) throw refusalOf(body, response.status, base);
    return body;
  }

  return {
    async offers(signal) {
      const { data } = await get('/models', signal);
      if (!Array.isArray(data) || data.length > MAX_MODELS) throw new PerigeeError('PARSE', `${base} lists no models`);
      return data.map(offerOf);
    },

    async evidence({ evidenceId, collateralId }, signal) {
      const file = async (id: Uint8Array): Promise<Uint8Array | undefined> => {
        const { file: text } = await get(`/evidence/${toHex(id)}`, signal).catch(ifNotFound);
        return typeof text === 'string' ? fromBase64(text) : undefined;
      };
      const [evidence, collateral] = [await file(evidenceId), await file(collateralId)];
      return { ...(evidence && { evidence }), ...(collateral && { collateral }) };
    },

    async *answer({ sealed, order }, signal): AsyncGenerator<InferenceFrame, void, undefined> {
      if (sealed === undefined) throw new PerigeeError('UNSUPPORTED', 'over HTTP only sealed requests are sent');
      const until = limitedSignal(signal, INFERENCE_QUEUE_MS + INFERENCE_MS + HTTP_STALL_MS);
      const response = await reached(
        base,
        () =>
          fetch(`${base}${isEmbeddings(sealed) ? '/embeddings' : '/chat/completions'}`, {
            method: 'POST',
            headers: {
              'Content-Type': 'application/json',
              ...(order && { 'Perigee-Order': toBase64(PaymentOrder.encode(order)) }),
            },
            body: Uint8Array.from(sealed),
            signal: until,
            redirect: 'error',
          }),
        signal,
        until,
      );
      if (!response.ok) throw refusalOf(await bodyOf(response, until), response.status, base);
      for await (const data of eventsOf(response, until)) {
        if (data === '[DONE]') return;
        const parsed = parse(data);
        if (isMembers(parsed.error)) throw refusalOf(parsed, response.status, base);
        yield { models: [], sealed: utf8(data) };
      }
    },
  };
}

/** Our own envelopes say by their sealed fields what they ask for. */
function isEmbeddings(sealed: Uint8Array): boolean {
  const { _e2ee: metadata } = parse(fromUtf8(sealed));
  const names = isMembers(metadata) ? metadata.sealed_fields : undefined;
  return Array.isArray(names) && names.includes('input');
}

/** @throws UNREACHABLE, TIMEOUT, ABORTED */
async function reached(url: string, ask: () => Promise<Response>, signal: AbortSignal, until: AbortSignal): Promise<Response> {
  try {
    return await ask();
  } catch (cause) {
    if (signal.aborted) throw PerigeeError.from(signal.reason);
    if (until.aborted) throw new PerigeeError('TIMEOUT', `${url} does not answer`, { cause });
    throw new PerigeeError('UNREACHABLE', `${url} could not be reached`, { cause });
  }
}

/** @throws FRAME_TOO_LARGE, PARSE */
async function bodyOf(response: Response, signal: AbortSignal): Promise<Members> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of piecesOf(response, signal)) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MAX_BODY_BYTES)
      throw new PerigeeError('FRAME_TOO_LARGE', `an answer has more than ${MAX_BODY_BYTES} bytes`);
  }
  return parse(text);
}

/** Data of server-sent events. @throws FRAME_TOO_LARGE, STREAM_CLOSED */
async function* eventsOf(response: Response, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of piecesOf(response, signal)) {
    text += decoder.decode(piece, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (event.length > MAX_EVENT_BYTES) throw new PerigeeError('FRAME_TOO_LARGE', 'an event of the answer is too long');
      if (event.startsWith('data: ')) yield event.slice('data: '.length);
    }
    if (text.length > MAX_EVENT_BYTES) throw new PerigeeError('FRAME_TOO_LARGE', 'an event of the answer is too long');
  }
}

async function* piecesOf({ body }: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await abortable(reader.read(), signal);
      if (done) return;
      yield value;
    }
  } catch (cause) {
    if (cause instanceof PerigeeError) throw cause;
    throw new PerigeeError('STREAM_CLOSED', 'the answer broke off', { cause });
  } finally {
    reader?.cancel().catch(() => {});
  }
}

function refusalOf(body: Members, status: number, url: string): PerigeeError {
  const { error } = body;
  const { message, code, check } = isMembers(error) ? error : ({} as Members);
  const words = typeof message === 'string' ? message.slice(0, MAX_WORDS) : `${url} answers with status ${status}`;
  const data = { remote: true, ...(typeof check === 'string' ? { check } : {}) };
  return new PerigeeError(isErrorCode(code) ? code : 'REFUSED', words, { data });
}

function ifNotFound(thrown: unknown): Members {
  if (PerigeeError.from(thrown).code !== 'NOT_FOUND') throw thrown;
  return {};
}

/** @throws PARSE */
function offerOf(model: unknown): ModelOffer {
  const { id, perigee } = isMembers(model) ? model : ({} as Members);
  const own = isMembers(perigee) ? perigee : {};
  const price = isMembers(own.price) ? own.price : {};
  const signer = isMembers(own.signer) ? own.signer : {};
  const evidence = own.evidence_id;
  const offer: ModelOffer = {
    id: text(id, MAX_MODEL_ID_BYTES),
    kind: own.kind === 'chat' ? MODEL_KIND.chat : MODEL_KIND.embeddings,
    modelRoot: fromHex(text(own.model_root), 32),
    engine: text(own.engine, MAX_ENGINE_BYTES),
    contextTokens: whole(own.context_tokens),
    maxAnswerTokens: whole(own.max_answer_tokens),
    dimensions: whole(own.dimensions),
    price: {
      perRequest: amount(price.per_request),
      perPromptToken: amount(price.per_prompt_token),
      perAnswerToken: amount(price.per_answer_token),
    },
    provider: fromHex(text(own.provider), 20),
    signer: { scheme: whole(signer.scheme), key: fromBase64(text(signer.key)) },
    ...(typeof evidence === 'string' ? { evidenceId: fromHex(evidence, 32) } : {}),
    reproducible: own.reproducible === true,
  };
  return ModelOffer.decodeCanonical(ModelOffer.encode(offer)); // within its bounds
}

function text(value: unknown, most = 256): string {
  if (typeof value === 'string' && value.length <= most) return value;
  throw new PerigeeError('PARSE', 'a model of the list is not described as it should be');
}

function whole(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PerigeeError('PARSE', 'a model of the list is not described as it should be');
}

function amount(value: unknown): bigint {
  if (typeof value === 'string' && /^\d{1,39}$/.test(value)) return BigInt(value);
  throw new PerigeeError('PARSE', 'a model of the list is not described as it should be');
}

/** @throws PARSE */
function parse(json: string): Members {
  try {
    const value = JSON.parse(json) as unknown;
    if (isMembers(value)) return value;
  } catch {
    // the same as another value
  }
  throw new PerigeeError('PARSE', 'a provider answered with something else than a JSON object');
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
