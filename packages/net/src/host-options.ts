import type { Clock } from '@perigee/light-core/roles';

/** Where a Node host listens. Ports of 0 are free ones; a transport that is left out is not listened on. */
export interface ListenOptions {
  /** IP address of an interface; `0.0.0.0` listens on all. */
  readonly host: string;
  readonly tcp?: number;
  readonly websocket?: number;
  /** Its UDP socket stays open after `stop` (see listeners.ts), so a process that listened here ends by `process.exit`. */
  readonly webrtcDirect?: number;
}

export interface HostOptions {
  /** Node only. Without it the host only dials. */
  readonly listen?: ListenOptions;
  /**
   * Node only: multiaddrs to tell others instead of those listened on (behind a NAT or a TLS proxy). A webrtc-direct address gets its
   * certhash added.
   */
  readonly announce?: readonly string[];
  /**
   * Node only: folder of identity and WebRTC certificate, so that both survive a restart. Its files are for the owner's eyes only.
   * Without it (and in browsers) the identity is new each time, and no server can recognise a returning client by it.
   */
  readonly directory?: string;
  /** Dial loopback and private addresses: for development chains and tests. Off, a peer cannot make us knock on a local network. */
  readonly allowPrivate?: boolean;
  readonly clock?: Clock;
}
