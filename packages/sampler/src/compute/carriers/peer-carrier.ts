import { type Host, type KnownPeer, open } from '@perigee/net';
import { inferenceProtocol, providerEvidenceProtocol } from '@perigee/net/inference';
import { INFERENCE_QUEUE_MS, PerigeeError } from '@perigee/wire';
import type { Carrier } from './carrier.ts';

/** Asks over libp2p: a page by WebRTC, a program by TCP. */
export function peerCarrier(host: Host, peer: KnownPeer): Carrier {
  const askOffers = async (signal: AbortSignal) => (await open(host, peer, inferenceProtocol).callOne({}, { signal })).models;
  return {
    offers: (signal) =>
      askOffers(signal).catch((thrown: unknown) => {
        // on a host that others use too, the dial may have been one that was under way to addresses of before
        if (PerigeeError.from(thrown).code !== 'UNREACHABLE') throw thrown;
        return askOffers(signal);
      }),
    evidence: (request, signal) => open(host, peer, providerEvidenceProtocol).callOne(request, { signal }),
    answer: (call, signal) => open(host, peer, inferenceProtocol).call(call, { signal, timeoutMs: INFERENCE_QUEUE_MS }),
  };
}
