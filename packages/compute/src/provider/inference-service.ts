import type { OpenRequestOptions } from '@perigee/light-core/confidential';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { type Host, serve } from '@perigee/net';
import { parseJson } from '@perigee/net/http';
import { inferenceProtocol } from '@perigee/net/inference';
import {
  type InferenceCall,
  type InferenceFrame,
  MAX_INFERENCE_REQUEST_BURST,
  MAX_INFERENCE_REQUESTS_PER_SECOND,
  PerigeeError,
  utf8,
} from '@perigee/wire';
import { callFrames, endpointOf, readCall } from './http/index.ts';
import type { AnswerCaller, Provider } from './provider.ts';

export interface InferenceServiceOptions {
  /** With which sealed requests are opened; without them they are refused. */
  readonly sealing?: OpenRequestOptions | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
}

/** Serves a provider over libp2p, so that a page reaches it by WebRTC. @returns ends the service */
export async function serveInference(
  host: Host,
  provider: Provider,
  options: InferenceServiceOptions,
): Promise<() => Promise<void>> {
  return serve(
    host,
    inferenceProtocol,
    async function* (call, { peerId, signal }): AsyncGenerator<InferenceFrame> {
      const { request, order, sealed } = call;
      const caller = { name: peerId, signal };
      if (sealed !== undefined) yield* sealedAnswer(call, sealed, provider, options, caller);
      else if (request === undefined) yield { models: provider.offers() };
      else for await (const event of provider.answer(request, order, caller)) yield { models: [], ...event };
    },
    { requestsPerSecond: MAX_INFERENCE_REQUESTS_PER_SECOND, requestBurst: MAX_INFERENCE_REQUEST_BURST },
  );
}

/** The same envelopes as over HTTP. */
async function* sealedAnswer(
  { request, order }: InferenceCall,
  sealed: Uint8Array,
  provider: Provider,
  { sealing, clock, random }: InferenceServiceOptions,
  caller: AnswerCaller,
): AsyncGenerator<InferenceFrame> {
  if (request !== undefined) throw new PerigeeError('SEALED', 'a request is sealed, or it is not: this one came both ways');
  const parsed = parseJson(Buffer.from(sealed));
  const call = await readCall(parsed, endpointOf(parsed), { provider, sealing, random });
  const events = provider.answer(call.request, order, caller);
  for await (const frame of callFrames(events, call, Math.floor(clock.now() / 1000))) {
    yield { models: [], sealed: utf8(JSON.stringify(frame)) };
  }
}
