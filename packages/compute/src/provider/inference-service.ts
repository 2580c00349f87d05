import { type Host, serve } from '@perigee/net';
import { inferenceProtocol } from '@perigee/net/inference';
import { type InferenceFrame, MAX_INFERENCE_REQUEST_BURST, MAX_INFERENCE_REQUESTS_PER_SECOND } from '@perigee/wire';
import type { Provider } from './provider.ts';

/** Serves a provider over libp2p, so that a page reaches it by WebRTC. @returns ends the service */
export async function serveInference(host: Host, provider: Provider): Promise<() => Promise<void>> {
  return serve(
    host,
    inferenceProtocol,
    async function* ({ request, order }, { peerId, signal }): AsyncGenerator<InferenceFrame> {
      if (request === undefined) {
        yield { models: provider.offers() };
        return;
      }
      for await (const event of provider.answer(request, order, { name: peerId, signal })) yield { models: [], ...event };
    },
    { requestsPerSecond: MAX_INFERENCE_REQUESTS_PER_SECOND, requestBurst: MAX_INFERENCE_REQUEST_BURST },
  );
}
