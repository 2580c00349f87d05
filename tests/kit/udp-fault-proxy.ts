import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createRandom, type Random } from './random.ts';

/** Senders that are told apart; a datagram of one more is lost. */
const MAX_CLIENTS = 256;
/** Datagrams on their way; one more is lost, as in a router whose queue is full. */
const MAX_HELD = 4_096;

/** What goes wrong with datagrams; nothing by default. Each value holds for both directions. */
export interface DatagramFaults {
  /** Time that each is held before it is passed on, milliseconds. */
  readonly delayMs?: number;
  /** Up to so much more, drawn for each: whichever is due first goes first, so they overtake one another. */
  readonly jitterMs?: number;
  /** Share that is lost, 0 to 1. */
  readonly loss?: number;
  /** Share that is passed on twice, 0 to 1. */
  readonly repeats?: number;
}

export interface DatagramFaultProxy {
  readonly port: number;
  /** Faults of datagrams that arrive from now on. */
  set(faults: DatagramFaults): void;
  /** What became of datagrams, both ways together; `overtaken` arrived after one that was sent later. */
  readonly count: { readonly passed: number; readonly lost: number; readonly overtaken: number };
  close(): Promise<void>;
}

/** A UDP proxy on loopback that does to datagrams what bad networks do. To the server each client is a port of the proxy. */
export async function startDatagramFaultProxy(
  target: { readonly host?: string; readonly port: number },
  faults: DatagramFaults = {},
  random: Random = createRandom(),
): Promise<DatagramFaultProxy> {
  const { host = '127.0.0.1', port } = target;
  let current = faults;
  let isClosed = false;
  const count = { passed: 0, lost: 0, overtaken: 0 };
  const timers = new Set<NodeJS.Timeout>();
  const upstreams = new Map<string, Promise<Way | undefined>>();
  const server = createSocket('udp4');

  /** One direction of one client. */
  interface Way {
    readonly socket: Socket;
    readonly up: (message: Buffer) => void;
  }

  /** Passes datagrams on in the order in which they are due. */
  function lane(send: (message: Buffer) => void): (message: Buffer) => void {
    let sent = 0;
    let latest = 0;
    return (message) => {
      const { delayMs = 0, jitterMs = 0, loss = 0, repeats = 0 } = current;
      const number = ++sent;
      const copies = random.chance(loss) ? 0 : random.chance(repeats) ? 2 : 1;
      if (copies === 0) count.lost++;
      for (let copy = 0; copy < copies; copy++) {
        if (timers.size >= MAX_HELD) {
          count.lost++;
          continue;
        }
        const timer = setTimeout(
          () => {
            timers.delete(timer);
            count.passed++;
            if (number < latest) count.overtaken++;
            latest = Math.max(latest, number);
            send(message);
          },
          delayMs + (jitterMs > 0 ? random.below(jitterMs) : 0),
        );
        timers.add(timer);
      }
    };
  }

  async function wayOf({ address, port: clientPort }: RemoteInfo): Promise<Way | undefined> {
    const socket = createSocket('udp4').on('error', () => {}); // the server's port is closed: what is sent there is lost
    const down = lane((message) => {
      if (!isClosed) server.send(message, clientPort, address);
    });
    socket.on('message', down).connect(port, host);
    await once(socket, 'connect');
    const up = lane((message) => {
      if (!isClosed) socket.send(message, () => {});
    });
    return { socket, up };
  }

  server.on('message', (message, from) => {
    const key = `${from.address}:${from.port}`;
    let way = upstreams.get(key);
    if (way === undefined) {
      if (upstreams.size >= MAX_CLIENTS) {
        count.lost++;
        return;
      }
      way = wayOf(from).catch(() => undefined);
      upstreams.set(key, way);
    }
    void way.then((known) => known?.up(message));
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: server.address().port,
    set(next) {
      current = next;
    },
    count,
    async close() {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      server.close();
      for (const way of await Promise.all(upstreams.values())) way?.socket.close();
    },
  };
}
