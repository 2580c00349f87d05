import { noise } from '@libp2p/noise';
import {
  DIAL_TIMEOUT_MS,
  MAX_CONNECTIONS,
  MAX_INBOUND_PER_SECOND,
  MAX_PENDING_INBOUND,
  MAX_STREAMS_PER_PROTOCOL,
} from '@perigee/wire';
import type { Libp2pOptions } from 'libp2p';
import type { HostOptions } from './host-options.ts';
import { createMuxer } from './muxer.ts';
import { isPrivateAddress } from './transport.ts';

/** Above the initial window of yamux, below the 4 MiB of unread bytes at which libp2p aborts a stream that is paused. */
const MAX_STREAM_WINDOW_BYTES = 2 * 1024 * 1024;
/** Streams of all protocols on one connection. */
const MAX_STREAMS = 16 * MAX_STREAMS_PER_PROTOCOL;

/** What Node and browser share. */
export function commonOptions(options: HostOptions): Libp2pOptions {
  return {
    connectionEncrypters: [noise()],
    streamMuxers: [
      createMuxer({
        maxInboundStreams: MAX_STREAMS,
        maxOutboundStreams: MAX_STREAMS,
        streamOptions: { maxStreamWindowSize: MAX_STREAM_WINDOW_BYTES },
      }),
    ],
    connectionGater: { denyDialMultiaddr: (address) => options.allowPrivate !== true && isPrivateAddress(address) },
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: MAX_INBOUND_PER_SECOND,
      maxIncomingPendingConnections: MAX_PENDING_INBOUND,
      dialTimeout: DIAL_TIMEOUT_MS,
      // dnsaddr would ask public DNS-over-HTTPS servers
      resolvers: {},
    },
    // it opens a stream to every peer every 10 s; yamux and ICE notice dead peers themselves
    connectionMonitor: { enabled: false },
  };
}
