import type { Clock } from '@perigee/light-core/roles';
import type { PerigeeError } from '@perigee/wire';

/** Where a Node host listens. Ports of 0 are free ones; a transport that is left out is not listened on. */
export interface ListenOptions {
  /** IP address of an interface; `0.0.0.0` listens on all. */
  readonly host: string;
  readonly tcp?: number;
  readonly websocket?: number;
  /** Its UDP socket stays open after `stop` (see listeners.ts), so a process that listened here ends by `process.exit`. */
  readonly webrtcDirect?: number;
  readonly webtransport?: WebTransportOptions;
}

/** WebTransport is terminated by a process of Deno beside this one, which is started again when it ends. */
export interface WebTransportOptions {
  /** UDP port, 0 for a free one. */
  readonly port: number;
  /** Path of the program of Deno; without it that of the npm package, looked for from the working folder upwards. */
  readonly deno?: string | undefined;
  /** Bundle `webtransport.job.js`, which it runs. */
  readonly program: URL;
  /** Told when that process has ended, and why; the host goes on with its other transports. */
  readonly onFault?: (error: PerigeeError) => void;
}

export interface HostOptions {
  /** Node only. Without it the host only dials. */
  readonly listen?: ListenOptions;
  /**
   * Node only: multiaddrs to tell others instead of those listened on (behind a NAT or a TLS proxy). An address of webrtc-direct or WebTransport gets
   * its certhashes added.
   */
  readonly announce?: readonly string[];
  /**
   * Node only: folder of identity and certificates, so that they survive a restart. Its files are for the owner's eyes only.
   * Without it (and in browsers) the identity is new each time, and no server can recognise a returning client by it.
   */
  readonly directory?: string;
  /** Dial loopback and private addresses: for development chains and tests. Off, a peer cannot make us knock on a local network. */
  readonly allowPrivate?: boolean;
  readonly clock?: Clock;
}
