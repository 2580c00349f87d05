import '../../src/polyfill.ts';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import type { Logger } from '@libp2p/interface';
import { BRIDGE_WINDOW_BYTES, concat, fromHex, MAX_WEBTRANSPORT_STREAMS } from '@perigee/wire';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { type BridgeFrame, encodeFrame, encodeHello } from '../../src/webtransport/bridge.ts';
import { BridgeSession } from '../../src/webtransport/bridge-session.ts';
import type { BridgeStream } from '../../src/webtransport/bridge-stream.ts';
import type { QuicConn, QuicStream, UnixConn } from '../../src/webtransport/sidecar/deno.ts';
import { CarriedSession } from '../../src/webtransport/sidecar/session.ts';
import { BridgeSocket } from '../../src/webtransport/sidecar/socket.ts';

const PREFIX = fromHex('404100');
const HELLO = encodeHello({ version: 1, host: '127.0.0.1', port: 9 });
const log: Logger = Object.assign(() => {}, { error() {}, trace() {}, enabled: false, newScope: () => log });
const signal = new AbortController().signal;

/** A socket of the node's, and its other end. */
async function sockets(): Promise<{ session: BridgeSession; other: Socket }> {
  let server: Server | undefined;
  const accepted = new Promise<Socket>((resolve) => {
    server = createServer(resolve).listen(0, '127.0.0.1');
  });
  await new Promise((resolve) => server?.once('listening', resolve));
  const address = server?.address();
  const other = dial(typeof address === 'object' && address ? address.port : 0, '127.0.0.1');
  other.on('error', () => {});
  const session = new BridgeSession(await accepted, log);
  server?.close();
  onTestFinished(() => {
    session.close();
    other.destroy();
  });
  return { session, other };
}

/** Deno's connection, of a socket of Node. */
function unixConn(socket: Socket): UnixConn {
  const chunks = socket[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);
  return {
    async read(into) {
      if (held.length === 0) {
        const { value, done } = await chunks.next();
        if (done) return null;
        held = value;
      }
      const part = held.subarray(0, into.length);
      held = held.subarray(part.length);
      into.set(part);
      return part.length;
    },
    write: (bytes) =>
      new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve(bytes.length)))),
    close: () => socket.destroy(),
  };
}

type PeerStream = {
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
};

/** A connection of QUIC without QUIC: streams of the platform, which stop whoever writes as those do. */
class FakeConn implements QuicConn {
  readonly remoteAddr = { hostname: '127.0.0.1', port: 9 };
  readonly handshake = Promise.resolve();
  readonly closed: Promise<unknown>;
  readonly incomingBidirectionalStreams: ReadableStream<QuicStream>;
  readonly opened: PeerStream[] = [];
  #end: () => void = () => {};
  #incoming: ReadableStreamDefaultController<QuicStream> | undefined;

  constructor() {
    this.closed = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    this.incomingBidirectionalStreams = new ReadableStream({
      start: (controller) => {
        this.#incoming = controller;
      },
    });
  }

  /** A stream that the peer opens. */
  open(): PeerStream {
    const { peer, stream } = this.#pair();
    this.#incoming?.enqueue(stream);
    return peer;
  }

  async createBidirectionalStream(): Promise<QuicStream> {
    const { peer, stream } = this.#pair();
    this.opened.push(peer);
    return stream;
  }

  async createUnidirectionalStream(): Promise<WritableStream<Uint8Array>> {
    return new WritableStream();
  }

  close(): void {
    try {
      this.#incoming?.close();
    } catch {
      // closed before
    }
    this.#end();
  }

  #pair(): { peer: PeerStream; stream: QuicStream } {
    const strategy = new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 });
    const [up, down] = [
      new TransformStream<Uint8Array>({}, strategy, strategy),
      new TransformStream<Uint8Array>({}, strategy, strategy),
    ];
    const readable = Object.assign(up.readable, { id: 4n });
    const peer = { writer: up.writable.getWriter(), reader: down.readable.getReader() };
    for (const { closed } of [peer.writer, peer.reader]) closed.catch(() => {});
    return {
      peer,
      stream: { readable, writable: down.writable },
    };
  }
}

/** Both ends of a session. */
async function carried(): Promise<{ conn: FakeConn; session: BridgeSession; over: Promise<void> }> {
  const { session, other } = await sockets();
  const unix = unixConn(other);
  await unix.write(HELLO);
  const conn = new FakeConn();
  const incoming = conn.incomingBidirectionalStreams.getReader();
  const held = { prefix: PREFIX, ended: new Promise<void>(() => {}), held: [] };
  const carrying = new CarriedSession({
    conn,
    session: { ...held, ended: conn.closed.then(() => {}) },
    socket: new BridgeSocket(unix),
    incoming,
  });
  const over = carrying.run();
  expect(await session.hello).toMatchObject({ host: '127.0.0.1', port: 9 });
  return { conn, session, over };
}

async function begin(conn: FakeConn, session: BridgeSession): Promise<{ peer: PeerStream; stream: BridgeStream }> {
  const peer = conn.open();
  void peer.writer.write(PREFIX);
  return { peer, stream: await session.nextStream(signal) };
}

test('bytes go both ways, in order, and each end closes for itself', async () => {
  const { conn, session } = await carried();
  const { peer, stream } = await begin(conn, session);
  const got: Uint8Array[] = [];
  stream.addEventListener('message', ({ data }) => got.push(data.subarray()));
  const sent = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251);
  for (let at = 0; at < sent.length; at += 70_000) await peer.writer.write(sent.slice(at, at + 70_000));
  await peer.writer.close();
  await eventually(() => expect(stream.remoteWriteStatus).toBe('closed'));
  expect(Buffer.concat(got).equals(sent)).toBe(true); // `toEqual` takes minutes
  expect(stream.status).toBe('open');

  const back: Uint8Array[] = [];
  const reading = (async () => {
    for (let { value } = await peer.reader.read(); value !== undefined; { value } = await peer.reader.read()) back.push(value);
  })();
  stream.send(sent);
  await stream.close();
  await reading;
  expect(Buffer.concat(back).equals(sent)).toBe(true);
  expect(stream.status).toBe('closed');
});

test('a node that does not read stops the peer, and a peer that does not read stops the node', async () => {
  const { conn, session } = await carried();
  const { peer, stream } = await begin(conn, session);
  stream.pause();
  let written = 0;
  let goes = true;
  const writing = (async () => {
    while (goes) {
      await peer.writer.write(new Uint8Array(16_384));
      written += 16_384;
    }
  })();
  await eventually(() => expect(stream.readBufferLength).toBe(BRIDGE_WINDOW_BYTES));
  const before = written;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(written - before).toBeLessThanOrEqual(16_384);
  expect(stream.readBufferLength).toBe(BRIDGE_WINDOW_BYTES);
  stream.addEventListener('message', () => {});
  stream.resume();
  await eventually(() => expect(written).toBeGreaterThan(8 * BRIDGE_WINDOW_BYTES));
  goes = false;
  await writing;

  expect(stream.send(new Uint8Array(4 * BRIDGE_WINDOW_BYTES))).toBe(false);
  expect(stream.writeBufferLength).toBeGreaterThanOrEqual(3 * BRIDGE_WINDOW_BYTES);
  let received = 0;
  while (received < 4 * BRIDGE_WINDOW_BYTES) received += (await peer.reader.read()).value?.length ?? 0;
  await stream.onDrain();
  expect(stream.writeBufferLength).toBe(0);
});

test('a stream that is reset ends at the other side, and no other does', async () => {
  const { conn, session } = await carried();
  const [first, second, third] = [await begin(conn, session), await begin(conn, session), await begin(conn, session)];
  await first.peer.writer.abort(new Error('gone'));
  await eventually(() => expect(first.stream.status).toBe('reset'));
  second.stream.abort(new Error('broke a rule'));
  await expect(second.peer.reader.read()).rejects.toThrow();
  third.stream.send(Uint8Array.of(7));
  expect((await third.peer.reader.read()).value).toEqual(Uint8Array.of(7));
  const own = session.open();
  own.send(Uint8Array.of(8));
  await eventually(() => expect(conn.opened).toHaveLength(1));
  expect((await conn.opened[0]?.reader.read())?.value).toEqual(PREFIX);
  expect((await conn.opened[0]?.reader.read())?.value).toEqual(Uint8Array.of(8));
  conn.close();
  await session.closed;
  await eventually(() => expect([third.stream.status, own.status]).toEqual(['closed', 'closed']));
});

test('a peer’s stream of another session reaches no one', async () => {
  const { conn, session } = await carried();
  const foreign = conn.open();
  await foreign.writer.write(fromHex('404104')).catch(() => {});
  await expect(foreign.writer.closed).rejects.toBeUndefined(); // that is the reason which is given
  const { stream } = await begin(conn, session);
  expect(stream.number).toBe(0);
});

const open = (stream: number): Uint8Array => encodeFrame({ type: 'open', stream });
const data = (stream: number, bytes: number): Uint8Array => encodeFrame({ type: 'data', stream, payload: new Uint8Array(bytes) });
const HOSTILE: Readonly<Record<string, readonly Uint8Array[]>> = {
  'no greeting': [open(0)],
  'a second greeting': [HELLO, HELLO],
  nonsense: [HELLO, fromHex('ff'.repeat(20))],
  'a stream that is numbered as one of the node': [HELLO, open(1)],
  'a stream twice': [HELLO, open(0), open(0)],
  'a stream left out': [HELLO, open(0), open(4)],
  'data of a stream that there is not': [HELLO, data(0, 1)],
  'credit of a stream that the node never opened': [HELLO, encodeFrame({ type: 'credit', stream: 9, bytes: 1 } as BridgeFrame)],
  'more data than it may send': [HELLO, open(0), ...Array.from({ length: 5 }, () => data(0, 60_000))],
  'streams that nobody has asked for': [HELLO, ...Array.from({ length: 11 }, (_, i) => open(2 * i))],
};

test.each(Object.entries(HOSTILE))('%s ends the session', async (_, bytes) => {
  const { session, other } = await sockets();
  other.write(concat(...bytes));
  await session.closed;
});

test('more streams than there may be end the session', async () => {
  const { session, other } = await sockets();
  session.adopt(() => {});
  other.write(concat(HELLO, ...Array.from({ length: 2 * MAX_WEBTRANSPORT_STREAMS + 1 }, (_, i) => open(2 * i))));
  await session.closed;
});

test('streams that end before anybody asks for them are forgotten', async () => {
  const { session, other } = await sockets();
  const ended = Array.from({ length: 100 }, (_, i) => [
    open(2 * i),
    data(2 * i, 60_000),
    encodeFrame({ type: 'reset', stream: 2 * i }),
  ]);
  other.write(concat(HELLO, ...ended.flat(), open(200)));
  await session.hello;
  await eventually(async () => expect((await session.nextStream(signal)).number).toBe(200));
});
