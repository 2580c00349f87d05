import {
  MAX_WEBTRANSPORT_MEMORY_BYTES,
  MAX_WEBTRANSPORT_STREAMS,
  PerigeeError,
  WEBTRANSPORT_IDLE_MS,
  WEBTRANSPORT_KEEP_ALIVE_MS,
  WEBTRANSPORT_MEMORY_LOOK_MS,
  WEBTRANSPORT_SESSION_MS,
} from '@perigee/wire';
import { placeOf } from '../../place.ts';
import { BRIDGE_VERSION, encodeHello, type PemPair, type SidecarOrder } from '../bridge.ts';
import { deno, type QuicConn, type QuicIncoming, type QuicListener } from './deno.ts';
import { Door, type Guest } from './door.ts';
import { acceptSession } from './http3.ts';
import { MemoryWatch } from './memory-watch.ts';
import { CarriedSession } from './session.ts';
import { BridgeSocket } from './socket.ts';

/** HTTP/3 has a control stream and two of QPACK; one more for what clients open to test servers. */
const UNIDIRECTIONAL_STREAMS = 4;

/** Listens for WebTransport, and carries what comes to the node's socket. */
export class WebTransportServer {
  readonly #door = new Door<Guest>();
  readonly #watch = new MemoryWatch();
  readonly #socket: string;
  readonly #endpoint: InstanceType<typeof deno.QuicEndpoint>;
  /** Held for as long as the endpoint is; see deno.ts. */
  readonly #listeners: QuicListener[] = [];

  constructor({ host, port, socket, certificate }: Extract<SidecarOrder, { host: string }>) {
    this.#socket = socket;
    this.#endpoint = new deno.QuicEndpoint({ hostname: host, port });
    this.#accept(this.use(certificate)).catch(() => deno.exit(1)); // nobody could come in any more: the node starts another
    setInterval(() => this.#look(), WEBTRANSPORT_MEMORY_LOOK_MS);
  }

  /** For connections to come; those that there are keep theirs. */
  use({ pem, privateKey }: PemPair): QuicListener {
    const listener = this.#endpoint.listen({
      cert: pem,
      key: privateKey,
      alpnProtocols: ['h3'],
      keepAliveInterval: WEBTRANSPORT_KEEP_ALIVE_MS,
      maxIdleTimeout: WEBTRANSPORT_IDLE_MS,
      maxConcurrentBidirectionalStreams: MAX_WEBTRANSPORT_STREAMS,
      maxConcurrentUnidirectionalStreams: UNIDIRECTIONAL_STREAMS,
    });
    this.#listeners.push(listener);
    return listener;
  }

  /** The first listener hands out the connections of all, since they share the endpoint. */
  async #accept(listener: QuicListener): Promise<void> {
    for (;;) {
      const incoming = await listener.incoming();
      this.#serve(incoming).catch(() => {}); // whatever a stranger did, it ended for the stranger alone
    }
  }

  async #serve(incoming: QuicIncoming): Promise<void> {
    const conn = incoming.accept({ zeroRtt: true });
    conn.closed.catch(() => {});
    const { hostname: host, port } = conn.remoteAddr;
    let session: CarriedSession | undefined;
    const guest: Guest = {
      place: placeOf(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}`),
      close: () => conn.close(),
      get streams() {
        return session?.streams ?? 0;
      },
    };
    if (!this.#door.knock(guest)) return conn.close();
    const timer = setTimeout(() => conn.close(), WEBTRANSPORT_SESSION_MS);
    try {
      session = await this.#begin(conn, host, port, () => this.#door.enter(guest));
      clearTimeout(timer);
      await session.run();
    } finally {
      clearTimeout(timer);
      this.#door.leave(guest);
      conn.close();
    }
  }

  async #begin(conn: QuicConn, host: string, port: number, mayEnter: () => boolean): Promise<CarriedSession> {
    // a handshake that fails only shows in that the connection is closed
    await Promise.race([conn.handshake, conn.closed]);
    const incoming = conn.incomingBidirectionalStreams.getReader();
    const session = await acceptSession(conn, incoming);
    if (!mayEnter()) throw new PerigeeError('BUSY', 'there are too many sessions');
    const unix = await deno.connect({ transport: 'unix', path: this.#socket });
    const socket = new BridgeSocket(unix);
    try {
      await unix.write(encodeHello({ version: BRIDGE_VERSION, host, port }));
    } catch (error) {
      socket.close(); // the node has no room
      throw error;
    }
    return new CarriedSession({ conn, session, socket, incoming });
  }

  #look(): void {
    const { rss } = deno.memoryUsage();
    const due = this.#watch.look(rss, this.#door.size);
    if (due === 'shed') this.#door.shed();
    if (due !== 'end') return;
    console.error(`its memory of ${rss} bytes stays above ${MAX_WEBTRANSPORT_MEMORY_BYTES}`);
    deno.exit(1); // what nobody holds any more is not given back: the node starts another
  }
}
