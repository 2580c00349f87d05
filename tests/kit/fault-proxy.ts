import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type Random } from './random.ts';

/** Bytes on their way, one way of one connection: past it the sender feels back-pressure. */
const MAX_HELD_BYTES = 4 << 20;
/** What it takes to find that a piece was lost and to send it again: the least that Linux waits, milliseconds. */
const RESEND_MS = 200;

/** What goes wrong between a client and a server; nothing by default. Each value holds for both directions. */
export interface Faults {
  /** Time that bytes are held before they are passed on, milliseconds. */
  readonly delayMs?: number;
  /** Up to so much more, drawn for each piece. TCP keeps the order, so what follows waits. */
  readonly jitterMs?: number;
  /** Share of the pieces, 0 to 1, that the network loses: TCP sends them again, and what follows waits. */
  readonly loss?: number;
  readonly bytesPerSecond?: number;
  /** One bit is flipped in this share of the bytes. */
  readonly corruption?: number;
  /** A connection is reset once this many bytes passed one way. */
  readonly cutAfterBytes?: number;
  /** Bytes are taken and never passed on: the peer looks alive and says nothing. */
  readonly silent?: boolean;
}

export interface FaultProxy {
  readonly port: number;
  /** Faults of bytes that arrive from now on. */
  set(faults: Faults): void;
  /** Resets all connections; new ones are taken. */
  cut(): void;
  /** Bytes that were passed on to the server, and to clients. */
  readonly passed: { readonly up: number; readonly down: number };
  close(): Promise<void>;
}

/** A TCP proxy on loopback that does to connections what bad networks do. Equal seeds corrupt equal streams alike. */
export async function startFaultProxy(
  target: { readonly host?: string; readonly port: number },
  faults: Faults = {},
  random: Random = createRandom(),
): Promise<FaultProxy> {
  let current = faults;
  const passed = { up: 0, down: 0 };
  const sockets = new Set<Socket>();

  async function relay(from: Socket, to: Socket, way: 'up' | 'down'): Promise<void> {
    let taken = 0;
    let held = 0;
    let lineFreeAt = 0;
    let last = Promise.resolve();
    // an iterator that destroyed the socket at its end would close the other way too
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const faults = current;
      taken += chunk.length;
      if (taken > (faults.cutAfterBytes ?? Number.POSITIVE_INFINITY)) return reset(from, to);
      if (faults.silent === true) continue;
      corrupt(chunk, faults.corruption ?? 0, random);
      lineFreeAt =
        Math.max(performance.now(), lineFreeAt) + (chunk.length / (faults.bytesPerSecond ?? Number.POSITIVE_INFINITY)) * 1000;
      const late = random.chance(faults.loss ?? 0) ? RESEND_MS : 0;
      const due = lineFreeAt + (faults.delayMs ?? 0) + random.below(faults.jitterMs ?? 0) + late;
      held += chunk.length;
      last = last.then(async () => {
        await sleep(due - performance.now());
        held -= chunk.length;
        passed[way] += chunk.length;
        if (!to.write(chunk)) await once(to, 'drain');
      });
      last.catch(() => reset(from, to)); // it may fail while the other end is still awaited
      if (held > MAX_HELD_BYTES) await last;
    }
    await last;
    to.end();
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay());
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => reset(client, upstream));
    }
    for (const done of [relay(client, upstream, 'up'), relay(upstream, client, 'down')])
      done.catch(() => reset(client, upstream));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (): void => reset(...sockets);
  return {
    port: (server.address() as AddressInfo).port,
    set(faults) {
      current = faults;
    },
    cut,
    passed,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}

function reset(...sockets: readonly Socket[]): void {
  for (const socket of sockets) if (!socket.destroyed) socket.resetAndDestroy();
}

function corrupt(bytes: Uint8Array, share: number, random: Random): void {
  if (share <= 0) return;
  for (let i = 0; i < bytes.length; i++) if (random.chance(share)) bytes[i] = (bytes[i] as number) ^ (1 << random.below(8));
}
