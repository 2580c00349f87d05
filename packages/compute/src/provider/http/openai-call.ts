/** Requests as OpenAI's clients write them, in the clear or sealed, by whatever way they came. */
import {
  isSealed,
  type JsonObject,
  type OpenRequestOptions,
  openRequest,
  ResponseSealer,
} from '@perigee/light-core/confidential';
import { chatRequestOf, embeddingsRequestOf } from '@perigee/light-core/receipt';
import type { RandomBytes } from '@perigee/light-core/roles';
import { fromHex, type InferenceRequest, MODEL_KIND, type ModelOffer, PerigeeError, REQUEST_SALT_BYTES } from '@perigee/wire';
import type { Provider, ProviderEvent } from '../provider.ts';
import { chatFrames, embeddingFrames, type Frame } from './completions.ts';

/** What can be asked. */
export interface Endpoint {
  readonly kind: number;
  /** Fields that must be sealed, if anything is. */
  readonly prompt: string;
  readonly sealed: string;
}

export const CHAT: Endpoint = { kind: MODEL_KIND.chat, prompt: 'messages', sealed: 'choices' };
export const EMBEDDINGS: Endpoint = { kind: MODEL_KIND.embeddings, prompt: 'input', sealed: 'data' };

export interface CallOptions {
  readonly provider: Provider;
  /** With which sealed requests are opened; without them they are refused. */
  readonly sealing?: OpenRequestOptions | undefined;
  readonly random: RandomBytes;
}

/** Writes a frame of the answer as who asked is to have it. */
export type Seal = (frame: Frame) => JsonObject;

export interface ReadCall {
  readonly request: InferenceRequest;
  readonly offer: ModelOffer;
  /** As it was before it was sealed. */
  readonly body: JsonObject;
  readonly seal: Seal;
}

/**
 * Reads a body, and opens it where it is sealed.
 *
 * @param header salt that came beside the body, which only one in the clear may have
 * @throws PARSE, INVALID_ARGUMENT, SEALED, NOT_FOUND (no such model)
 */
export async function readCall(
  parsed: unknown,
  endpoint: Endpoint,
  { provider, sealing, random }: CallOptions,
  header?: string | string[],
): Promise<ReadCall> {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new PerigeeError('PARSE', 'a request is a JSON object');
  const { body, salt, seal } = await opened(parsed as JsonObject, endpoint, { sealing, random }, header);
  const { model } = body;
  const offer = provider.offers().find(({ id, kind }) => id === model && kind === endpoint.kind);
  if (offer === undefined)
    throw new PerigeeError('NOT_FOUND', `no model "${String(model).slice(0, 80)}" of this kind is served here`);
  const context = { modelRoot: offer.modelRoot, salt };
  const request = endpoint === CHAT ? chatRequestOf(body, context) : embeddingsRequestOf(body, context);
  return { request, offer, body, seal };
}

/** The endpoint that a sealed body is for, by what is sealed of it. */
export function endpointOf(parsed: unknown): Endpoint {
  const metadata = isMembers(parsed) ? parsed._e2ee : undefined;
  const names = isMembers(metadata) ? metadata.sealed_fields : undefined;
  return Array.isArray(names) && names.includes(EMBEDDINGS.prompt) ? EMBEDDINGS : CHAT;
}

/** An answer frame by frame, each as it is sealed or not. @param created seconds since 1970 */
export async function* callFrames(
  events: AsyncIterable<ProviderEvent>,
  { body, offer, seal }: Pick<ReadCall, 'body' | 'offer' | 'seal'>,
  created: number,
): AsyncGenerator<JsonObject> {
  const streaming = body.stream_options;
  const withUsage = isMembers(streaming) && streaming.include_usage === true;
  const frames =
    offer.kind === CHAT.kind
      ? chatFrames(events, { model: offer.id, created, withUsage })
      : embeddingFrames(events, { model: offer.id });
  for await (const frame of frames) yield seal(frame);
}

async function opened(
  body: JsonObject,
  { prompt, sealed }: Endpoint,
  { sealing, random }: Pick<CallOptions, 'sealing' | 'random'>,
  header: string | string[] | undefined,
): Promise<{ readonly body: JsonObject; readonly seal: Seal; readonly salt: Uint8Array }> {
  if (!isSealed(body)) return { body, seal: ({ value }) => value, salt: saltOf(body, header) };
  if (sealing === undefined) throw new PerigeeError('SEALED', 'this provider has no key to open sealed requests with');
  if (header !== undefined || Object.hasOwn(body, 'perigee')) {
    throw new PerigeeError(
      'SEALED',
      'the salt of a sealed request is sealed with it: beside it, whoever carries it could try words',
    );
  }
  const open = await openRequest(body, sealing, [prompt]);
  const sealer = await ResponseSealer.to(open.responseKey, random, sealing.x25519);
  return {
    body: open.body,
    salt: saltOf(open.body, undefined),
    seal: ({ value, final }) => sealer.seal(value, [sealed], final).envelope,
  };
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

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
