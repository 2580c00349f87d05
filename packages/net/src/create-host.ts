import type { Connection as Libp2pConnection, PrivateKey } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { CODE_P2P } from '@multiformats/multiaddr';
import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError, STOP_TIMEOUT_MS } from '@perigee/wire';
import { createLibp2p, type Libp2p } from 'libp2p';
import { platform } from '#host';
import { createStopController } from './abort.ts';
import { systemClock } from './clock.ts';
import { type Connection, Connections, type HostEvent, type Traffic } from './connections.ts';
import { Dialer } from './dialer.ts';
import type { HostOptions } from './host-options.ts';
import type { Components, Transports } from './platform.ts';

/** A peer of the network: it dials, it listens (in Node), it keeps connections. Protocols are `open` and `serve`. */
export class Host {
  readonly peerId: string;
  /** @internal */
  readonly clock: Clock;
  /** @internal */
  readonly libp2p: Libp2p;
  /** @internal */
  readonly records: Connections;
  /** @internal */
  readonly dialer: Dialer;
  /** @internal Fires when the host stops. */
  readonly signal: AbortSignal;
  /** @internal Clients by peer and protocol: one stream each. Those of a peer that is gone are forgotten. */
  readonly clients = new Map<string, { close(error: PerigeeError): void }>();
  /** @internal Whether it dials loopback and private addresses. */
  readonly allowPrivate: boolean;
  /** @internal What transports and services are made with that come later. */
  readonly components: Components;
  readonly #transports: Transports;
  readonly #announces: boolean;
  readonly #key: PrivateKey;
  readonly #stopping: AbortController;

  /** @internal */
  constructor(parts: {
    libp2p: Libp2p;
    components: Components;
    options: HostOptions;
    stopping: AbortController;
    key: PrivateKey;
  }) {
    const { transportManager: transports } = parts.components;
    this.#key = parts.key;
    this.components = parts.components;
    this.allowPrivate = parts.options.allowPrivate === true;
    this.libp2p = parts.libp2p;
    this.peerId = parts.libp2p.peerId.toString();
    this.clock = parts.options.clock ?? systemClock;
    this.records = new Connections();
    this.#transports = transports;
    this.#announces = (parts.options.announce?.length ?? 0) > 0;
    this.#stopping = parts.stopping;
    this.signal = parts.stopping.signal;
    this.dialer = new Dialer({
      transports,
      records: this.records,
      platform,
      clock: this.clock,
      allowPrivate: this.allowPrivate,
      signal: this.signal,
    });
    this.libp2p.addEventListener('connection:open', ({ detail }) => {
      // what a relay carries is for introductions alone: nobody is connected by it
      if (detail.limits === undefined) this.records.opened(detail);
    });
    this.libp2p.addEventListener('connection:close', ({ detail }) => this.#closed(detail));
  }

  /** The ed25519 key that the peer id names, 32 bytes. */
  get publicKey(): Uint8Array {
    return this.#key.publicKey.raw;
  }

  /** Signs with that key. Whoever calls it puts a domain in front, so that no signature serves for something else. */
  async sign(message: Uint8Array): Promise<Uint8Array> {
    return this.#key.sign(message);
  }

  /** Where others can dial this host, with certhash and without peer id. Empty in browsers. */
  multiaddrs(): string[] {
    // libp2p.getMultiaddrs leaves out public addresses that no autonat server has confirmed
    const addresses = this.#announces ? this.libp2p.getMultiaddrs() : this.#transports.getAddrs();
    return addresses.map((address) => address.decapsulateCode(CODE_P2P).toString());
  }

  connections(): Connection[] {
    return this.records.list();
  }

  /** Whether there is a connection to a peer: what is asked often, without making the list. */
  isConnected(peerId: string): boolean {
    return this.records.has(peerId);
  }

  /** What moved over all connections since the host was made, those that are closed too. */
  traffic(): Traffic {
    return this.records.traffic();
  }

  /** Calls back on every event, until the returned function is called. */
  subscribe(listener: (event: HostEvent) => void): () => void {
    return this.records.subscribe(listener);
  }

  /** Closes every connection to a peer. */
  async disconnect(peerId: string): Promise<void> {
    await this.libp2p.hangUp(peerIdFromString(peerId), { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
  }

  /** Ends all requests, streams, connections and listeners, within STOP_TIMEOUT_MS. */
  async stop(): Promise<void> {
    const error = new PerigeeError('ABORTED', 'the host was stopped');
    this.#stopping.abort(error);
    for (const client of this.clients.values()) client.close(error);
    const overdue = new AbortController();
    const stopped = (async () => this.libp2p.stop())().catch(() => {});
    await Promise.race([stopped, this.clock.sleep(STOP_TIMEOUT_MS, overdue.signal).catch(() => {})]);
    overdue.abort();
    for (const connection of this.libp2p.getConnections()) connection.abort(new Error('the host was stopped'));
  }

  #closed(connection: Libp2pConnection): void {
    this.records.closed(connection);
    // libp2p notes every peer that ever opened a stream; identities are free, memory is not
    if (this.libp2p.getConnections(connection.remotePeer).length === 0) {
      this.libp2p.peerStore.delete(connection.remotePeer).catch(() => {});
      for (const key of this.clients.keys()) if (key.startsWith(`${connection.remotePeer} `)) this.clients.delete(key);
    }
  }
}

/**
 * Starts a host.
 *
 * @throws UNSUPPORTED for options of Node in a browser, STORE_CORRUPT for a damaged identity, UNREACHABLE when it cannot listen
 */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  const configuration = await platform.configure(options);
  let parts: Components | undefined;
  const libp2p = await createLibp2p({
    ...configuration,
    start: false,
    services: {
      // a service is handed libp2p's components, and those hold the transports
      transports: (components: Components) => {
        parts = components;
        return {};
      },
    },
  });
  const { privateKey: key } = configuration;
  if (parts === undefined || key === undefined)
    throw new PerigeeError('INTERNAL', 'libp2p did not hand over its transports, or the host has no key');
  const host = new Host({ libp2p, components: parts, options, stopping: createStopController(), key });
  try {
    await libp2p.start();
  } catch (cause) {
    // libp2p's message is a list of stack traces; the system's own words say which port
    const words =
      cause instanceof Error ? (/(E[A-Z]{4,}: |Deno does not ).*/.exec(cause.message)?.[0] ?? cause.message) : String(cause);
    throw new PerigeeError('UNREACHABLE', `the host cannot listen: ${words}`, { cause });
  }
  platform.started(parts.transportManager);
  return host;
}
