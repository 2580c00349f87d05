import {
  MAX_REQUEST_BURST,
  MAX_REQUESTS_PER_PEER,
  MAX_REQUESTS_PER_SECOND,
  MAX_STREAMS_PER_PROTOCOL,
  PerigeeError,
} from '@perigee/wire';
import type { Host } from './create-host.ts';
import type { Protocol } from './protocol.ts';
import { PeerQuotas, type QuotaLimits } from './server-quota.ts';
import { ServerStream } from './server-stream.ts';
import type { Transport } from './transport.ts';

/** Who asks. */
export interface RequestContext {
  readonly peerId: string;
  readonly remoteAddress: string;
  readonly transport: Transport;
  /** Fires when the peer cancels, when the stream ends, and when the host stops. */
  readonly signal: AbortSignal;
}

/**
 * Answers a request, once or bit by bit; each bit is sent before the next is asked for. A PerigeeError goes to the peer with code and
 * message, any other error as `INTERNAL` without a word. It must end soon after `signal` fires: until then it counts as in work.
 */
export type Handler<Request, Answer> = (request: Request, context: RequestContext) => AsyncIterable<Answer> | Promise<Answer>;

const DEFAULT_LIMITS: QuotaLimits = {
  maxStreams: MAX_STREAMS_PER_PROTOCOL,
  maxConcurrentPerPeer: MAX_REQUESTS_PER_PEER,
  requestsPerSecond: MAX_REQUESTS_PER_SECOND,
  requestBurst: MAX_REQUEST_BURST,
};

/**
 * Serves a protocol.
 *
 * @param limits of one peer
 * @returns ends the service: no new streams
 */
export async function serve<Request, Answer>(
  host: Host,
  protocol: Protocol<Request, Answer>,
  handler: Handler<Request, Answer>,
  limits: Partial<QuotaLimits> = {},
): Promise<() => Promise<void>> {
  const bounds = { ...DEFAULT_LIMITS, ...limits };
  const quotas = new PeerQuotas(host.clock, bounds);
  await host.libp2p.handle(
    protocol.id,
    async (stream, connection) => {
      const record = host.records.of(connection);
      const quota = quotas.of(record.peerId);
      if (!quota.openStream()) {
        stream.abort(new PerigeeError('BUSY', `more than ${bounds.maxStreams} streams of one peer`));
        return;
      }
      await new ServerStream({ host, stream, record, protocol, handler, quota }).run();
      quota.closeStream();
    },
    { maxInboundStreams: bounds.maxStreams },
  );
  return () => host.libp2p.unhandle(protocol.id);
}
