import { type Host, type KnownPeer, open } from '@perigee/net';
import { inferenceProtocol, providerEvidenceProtocol } from '@perigee/net/inference';
import { ANSWER_SILENCE_MS, MAX_ANSWER_MS, OPENING_SILENCE_MS, PerigeeError } from '@perigee/wire';
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
    async *answer(call, signal) {
      const { clock } = host;
      const until = clock.now() + MAX_ANSWER_MS;
      const silence = { firstTimeoutMs: OPENING_SILENCE_MS, timeoutMs: ANSWER_SILENCE_MS };
      for await (const frame of open(host, peer, inferenceProtocol).call(call, { signal, ...silence })) {
        if (clock.now() > until) throw new PerigeeError('TIMEOUT', `the answer did not end within ${MAX_ANSWER_MS / 1_000} s`);
        yield frame;
      }
    },
  };
}
