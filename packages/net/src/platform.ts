import type { CircuitRelayServerComponents, CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2';
import type { Transport } from '@libp2p/interface';
import type { webRTC } from '@libp2p/webrtc';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Libp2pOptions } from 'libp2p';
import type { DialAbilities } from './dial-plan.ts';
import type { HostOptions } from './host-options.ts';

/** What `libp2p` gives the one service that we add to it: its transports, without its dial queue (see dial.ts). */
export interface Transports {
  add(transport: Transport): void;
  dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<import('@libp2p/interface').Connection>;
  getAddrs(): Multiaddr[];
  getListeners(): unknown[];
}

/** The parts of libp2p, for what is added to a host while it runs. */
export type Components = CircuitRelayServerComponents &
  CircuitRelayTransportComponents &
  Parameters<ReturnType<typeof webRTC>>[0] & { readonly transportManager: Transports };

/** What differs between Node and the browser. `#host` in package.json names the implementation. */
export interface Platform extends DialAbilities {
  /** Identity, transports and listen addresses. */
  configure(options: HostOptions): Promise<Libp2pOptions>;
  /** Called when the listeners are up. */
  started(transports: Transports): void;
}
