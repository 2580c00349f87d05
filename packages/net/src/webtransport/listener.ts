import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Listener,
  type ListenerEvents,
  type Logger,
  serviceCapabilities,
  type Transport,
  transportSymbol,
  type Upgrader,
} from '@libp2p/interface';
import { type NoiseComponents, noise } from '@libp2p/noise';
import { getNetConfig, getThinWaistAddresses } from '@libp2p/utils';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Clock } from '@perigee/light-core/roles';
import { DIAL_TIMEOUT_MS, MAX_PENDING_INBOUND, MAX_WEBTRANSPORT_SESSIONS, PerigeeError } from '@perigee/wire';
import { TypedEventEmitter } from 'main-event';
import { abortable, createStopController, limitedSignal } from '../abort.ts';
import { BridgeSession } from './bridge-session.ts';
import type { Certificates } from './certificates.ts';
import { muxerOf, SessionConnection } from './muxer.ts';
import { keepRotating } from './rotation.ts';
import { SidecarProcess } from './sidecar-process.ts';

export interface WebTransportListenerOptions {
  /** Paths of the program of Deno and of the bundle `webtransport.job.js`. */
  readonly deno: string;
  readonly program: string;
  readonly certificates: Certificates;
  readonly clock: Clock;
  /** Told when the sidecar has ended, and of certificates that could not be kept; the listener goes on. */
  readonly onFault: (error: PerigeeError) => void;
}

/**
 * WebTransport, listened on by a process beside this one: Deno terminates QUIC and carries streams to a socket of ours, and Noise runs here, with the hashes of the
 * certificates, so that the sidecar never has the host's key. It dials nothing.
 */
export function webTransportListener(options: WebTransportListenerOptions): (components: NoiseComponents) => Transport {
  return (components) => ({
    [transportSymbol]: true,
    [Symbol.toStringTag]: 'perigee/webtransport-listener',
    ...{ [serviceCapabilities]: ['@libp2p/transport'] },
    async dial() {
      throw new PerigeeError('UNSUPPORTED', 'a node does not dial WebTransport');
    },
    createListener: ({ upgrader }) => new WebTransportListener(options, components, upgrader),
    listenFilter: (addresses) => addresses.filter((address) => address.toString().endsWith('/webtransport')),
    dialFilter: () => [],
  });
}

class WebTransportListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #options: WebTransportListenerOptions;
  readonly #components: NoiseComponents;
  readonly #upgrader: Upgrader;
  readonly #log: Logger;
  readonly #stopping = createStopController();
  readonly #sessions = new Set<BridgeSession>();
  #pending = 0;
  #address: Multiaddr | undefined;
  #folder: string | undefined;
  #server: Server | undefined;
  #sidecar: SidecarProcess | undefined;
  #isUp = false;

  constructor(options: WebTransportListenerOptions, components: NoiseComponents, upgrader: Upgrader) {
    super();
    this.#options = options;
    this.#components = components;
    this.#upgrader = upgrader;
    this.#log = components.logger.forComponent('perigee:webtransport');
  }

  /** @throws UNREACHABLE when Deno cannot listen */
  async listen(address: Multiaddr): Promise<void> {
    const { host, port } = getNetConfig(address);
    if (port === undefined) throw new PerigeeError('INVALID_ARGUMENT', `${address} has no port`);
    this.#address = address;
    try {
      await this.#start(host, port);
    } catch (error) {
      await this.close();
      throw error;
    }
    void this.#rotate();
  }

  async #start(host: string, port: number): Promise<void> {
    const { deno, program, clock, certificates } = this.#options;
    this.#folder = await mkdtemp(join(tmpdir(), 'perigee-wt-')); // for its owner only
    const socket = join(this.#folder, 'sessions');
    this.#server = await serveSocket(socket, (arrived) => this.#arrived(arrived));
    this.#sidecar = new SidecarProcess({
      deno,
      program,
      host,
      port,
      socket,
      folder: this.#folder,
      clock,
      certificate: () => certificates.current,
      onUp: () => this.#setUp(true),
      onDown: (complaint) => {
        this.#setUp(false);
        this.#options.onFault(
          new PerigeeError('UNREACHABLE', `WebTransport is not listened on, Deno is started again: ${complaint}`),
        );
      },
    });
    await this.#sidecar.start();
  }

  getAddrs(): Multiaddr[] {
    if (!this.#isUp) return [];
    return getThinWaistAddresses(this.#address).map((address) =>
      multiaddr(`${address}/quic-v1/webtransport${this.#certhashes()}`),
    );
  }

  updateAnnounceAddrs(addresses: Multiaddr[]): void {
    for (const [i, address] of addresses.entries()) {
      const text = address.toString().replace(/\/webtransport(?=$|\/p2p\/)/, `/webtransport${this.#certhashes()}`);
      addresses[i] = multiaddr(text);
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#isUp = false;
    for (const session of this.#sessions) session.close();
    await this.#sidecar?.stop();
    this.#server?.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.safeDispatchEvent('close');
  }

  #certhashes(): string {
    return this.#options.certificates.announced.map((hash) => `/certhash/u${Buffer.from(hash).toString('base64url')}`).join('');
  }

  #setUp(isUp: boolean): void {
    this.#isUp = isUp;
    this.safeDispatchEvent('listening'); // libp2p asks for the addresses anew
  }

  #rotate(): Promise<void> {
    const { clock, certificates, onFault } = this.#options;
    const onRotated = (): void => {
      this.#sidecar?.renew();
      this.safeDispatchEvent('listening');
    };
    return keepRotating({ certificates, clock, onRotated, onFault }, this.#stopping.signal);
  }

  #arrived(socket: Socket): void {
    const session = new BridgeSession(socket, this.#log);
    // who has not said who it is yet costs asymmetric cryptography
    if (this.#pending >= MAX_PENDING_INBOUND || this.#stopping.signal.aborted) {
      session.close();
      return;
    }
    this.#sessions.add(session);
    void session.closed.then(() => this.#sessions.delete(session));
    this.#pending++;
    this.#admit(session)
      .catch((error) => {
        this.#log('a session was not admitted: %e', error);
        session.close();
      })
      .finally(() => {
        this.#pending--;
      });
  }

  /** Noise on the first stream, and then the session is a connection. */
  async #admit(session: BridgeSession): Promise<void> {
    const signal = limitedSignal(this.#stopping.signal, DIAL_TIMEOUT_MS);
    const { host, port } = await abortable(session.hello, signal);
    const first = await session.nextStream(signal);
    const extensions = { webtransportCerthashes: [...this.#options.certificates.confirmed] };
    const secured = noise({ extensions })(this.#components).secureInbound(first, { signal, skipStreamMuxerNegotiation: true });
    const { remotePeer } = await secured;
    first.close({ signal }).catch(() => {}); // the peer closes its end too
    const remoteAddr = multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/udp/${port}/quic-v1/webtransport`);
    const connection = new SessionConnection(session, { remoteAddr, log: this.#log });
    await this.#upgrader.upgradeInbound(connection, {
      skipEncryption: true,
      skipProtection: true,
      remotePeer,
      muxerFactory: muxerOf(session),
      signal,
    });
  }
}

function serveSocket(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(onSocket);
    server.maxConnections = MAX_WEBTRANSPORT_SESSIONS;
    server.once('error', reject);
    server.listen(path, () => resolve(server));
  });
}
