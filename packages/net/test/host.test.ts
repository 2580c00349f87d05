import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { concat, DIAL_TIMEOUT_MS, PerigeeError, WEBSOCKET_FALLBACK_MS } from '@perigee/wire';
import { describe, expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import { webrtcObstacle } from '../../../scripts/chromium.mjs';
import { eventually } from '../../../tests/kit/eventually.ts';
import { randomOf } from '../../../tests/kit/index.ts';
import { TickingClock } from '../../../tests/kit/ticking-clock.ts';
import { dialPeer, type HostEvent, open, serve } from '../src/index.ts';
import { addressOf, TRANSPORTS, testHost, testServer } from './fixtures.ts';
import { echoProtocol } from './protocols.ts';

/** A TCP port that takes connections and says nothing. */
async function silentPort(): Promise<number> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function refusal(promise: Promise<unknown>): Promise<PerigeeError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PerigeeError);
  return error as PerigeeError;
}

describe('dialling', () => {
  test('takes the best transport, once, and tells of it', async () => {
    const server = await testServer();
    const host = await testHost();
    const events: HostEvent[] = [];
    const unsubscribe = host.subscribe((event) => events.push(event));
    const peer = { peerId: server.peerId, multiaddrs: server.multiaddrs() };
    const both = await Promise.all([dialPeer(host, peer), dialPeer(host, peer)]);
    expect(both[0].id).toBe(both[1].id);
    expect((await dialPeer(host, { multiaddrs: [`${peer.multiaddrs[1]}/p2p/${peer.peerId}`] })).id).toBe(both[0].id);
    expect(both[0]).toMatchObject({ peerId: server.peerId, transport: 'tcp', direction: 'outbound' });
    expect(both[0].address).toContain('/ip4/127.0.0.1/tcp/');
    expect(host.connections()).toHaveLength(1);
    await eventually(() => expect(server.connections()).toMatchObject([{ peerId: host.peerId, direction: 'inbound' }]));
    await host.disconnect(server.peerId);
    expect(events.map(({ type }) => type)).toEqual(['connect', 'disconnect']);
    await eventually(() => expect(server.connections()).toEqual([]));
    unsubscribe();
    await dialPeer(host, peer);
    expect(events).toHaveLength(2);
  });

  test('a peer whose id is not known is learned from the handshake', async () => {
    const server = await testServer();
    const { multiaddrs } = addressOf(server, 'websocket');
    expect(await dialPeer(await testHost(), { multiaddrs })).toMatchObject({ peerId: server.peerId, transport: 'websocket' });
  });

  test('another peer at the address is not the peer', async () => {
    const [server, stranger] = [await testServer(), await testHost()];
    const { multiaddrs } = addressOf(server, 'tcp');
    const error = await refusal(dialPeer(await testHost(), { peerId: stranger.peerId, multiaddrs }));
    expect(error.code).toBe('UNREACHABLE');
  });

  test('falls back after two seconds of silence, and says why', async () => {
    const server = await testServer();
    const silent = `/ip4/127.0.0.1/tcp/${await silentPort()}`;
    const start = performance.now();
    const connection = await dialPeer(await testHost(), {
      peerId: server.peerId,
      multiaddrs: [silent, ...addressOf(server, 'websocket').multiaddrs],
    });
    expect(connection.transport).toBe('websocket');
    expect(connection.fallback).toMatch(/^tcp had not connected after \d+ ms$/);
    expect(performance.now() - start).toBeGreaterThanOrEqual(WEBSOCKET_FALLBACK_MS);
    // the dial that lost must not take the connection with it
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(connection.peerId).toBe(server.peerId);
  });

  test('keeps nothing of a peer that is gone, and a client that was kept works on', async () => {
    const server = await testServer();
    const host = await testHost();
    await serve(server, echoProtocol, ({ count }) => Promise.resolve({ index: count, data: new Uint8Array(0) }));
    const client = open(host, addressOf(server, 'tcp'), echoProtocol);
    for (const count of [1, 2]) {
      expect((await client.callOne({ count, size: 0, mode: '' })).index).toBe(count);
      await host.disconnect(server.peerId);
      expect(host.clients.size).toBe(0);
    }
  });

  test('counts what moved on all its connections, those that are closed too', async () => {
    const server = await testServer();
    const host = await testHost();
    expect(host.traffic()).toEqual({ bytesIn: 0, bytesOut: 0 });
    await serve(server, echoProtocol, async function* ({ count, size }) {
      for (let index = 0; index < count; index++) yield { index, data: new Uint8Array(size) };
    });
    const target = addressOf(server, 'tcp');
    for (const round of [1, 2]) {
      for await (const _ of open(host, target, echoProtocol).call({ count: 2, size: 1_000, mode: '' }));
      const { bytesIn, bytesOut } = host.traffic();
      expect(bytesIn).toBeGreaterThan(round * 2_000);
      await host.disconnect(server.peerId);
      expect(host.connections()).toEqual([]);
      expect(host.traffic()).toEqual({ bytesIn, bytesOut });
    }
    const { bytesIn, bytesOut } = host.traffic();
    await eventually(() => expect(server.connections()).toEqual([]));
    expect(server.traffic()).toEqual({ bytesIn: bytesOut, bytesOut: bytesIn });
  });

  test('falls back at once when the better transport is refused', async () => {
    const server = await testServer();
    const connection = await dialPeer(await testHost(), {
      peerId: server.peerId,
      multiaddrs: ['/ip4/127.0.0.1/tcp/9', ...addressOf(server, 'websocket').multiaddrs],
    });
    expect(connection.transport).toBe('websocket');
    expect(connection.fallback).toContain('/ip4/127.0.0.1/tcp/9');
    expect(connection.fallback).toContain('ECONNREFUSED');
  });

  test('a peer that cannot be reached has a reason for every address', async () => {
    const host = await testHost({ allowPrivate: false });
    const server = await testServer();
    const error = await refusal(
      dialPeer(host, { peerId: server.peerId, multiaddrs: [...server.multiaddrs(), 'nonsense', '/ip4/9.9.9.9/udp/1/quic-v1'] }),
    );
    expect(error.code).toBe('UNREACHABLE');
    expect(Object.keys(error.data ?? {})).toHaveLength(5);
    expect(error.message).toContain('private addresses are not dialled here');
    expect(error.message).toContain('nonsense: not a multiaddr');
    expect((await refusal(dialPeer(host, { multiaddrs: [] }))).message).toContain('no address is known');
    expect(server.connections()).toEqual([]);
  });

  test('gives up when the caller does, when the time is over, and when the host stops', async () => {
    const clock = new TickingClock();
    const host = await testHost({ clock });
    const silent = { multiaddrs: [`/ip4/127.0.0.1/tcp/${await silentPort()}`] };
    expect((await refusal(dialPeer(host, silent, { signal: AbortSignal.abort() }))).code).toBe('ABORTED');
    expect((await refusal(dialPeer(host, silent, { signal: AbortSignal.timeout(50) }))).code).toBe('TIMEOUT');
    const waiting = refusal(dialPeer(host, silent));
    clock.advance(DIAL_TIMEOUT_MS);
    const hopeless = await waiting;
    expect([hopeless.code, hopeless.message]).toEqual(['UNREACHABLE', expect.stringContaining(`within ${DIAL_TIMEOUT_MS} ms`)]);
    const dialling = refusal(dialPeer(host, silent));
    await host.stop();
    expect((await dialling).code).toBe('ABORTED');
    expect((await refusal(dialPeer(host, silent))).code).toBe('ABORTED');
  });

  test('one caller that gives up leaves the dial to the others', async () => {
    const server = await testServer();
    const host = await testHost();
    const peer = {
      peerId: server.peerId,
      multiaddrs: [`/ip4/127.0.0.1/tcp/${await silentPort()}`, ...addressOf(server, 'websocket').multiaddrs],
    };
    const patient = dialPeer(host, peer);
    expect((await refusal(dialPeer(host, peer, { signal: AbortSignal.timeout(50) }))).code).toBe('TIMEOUT');
    expect((await patient).transport).toBe('websocket');
  });

  test('a caller that knows another address dials again when the dial that it joined has failed', async () => {
    const clock = new TickingClock();
    const server = await testServer();
    const host = await testHost({ clock });
    const { peerId } = server;
    const old = refusal(dialPeer(host, { peerId, multiaddrs: [`/ip4/127.0.0.1/tcp/${await silentPort()}`] }));
    const newer = dialPeer(host, { ...addressOf(server, 'tcp'), peerId });
    clock.advance(DIAL_TIMEOUT_MS);
    expect((await old).code).toBe('UNREACHABLE');
    expect((await newer).transport).toBe('tcp');
  });
});

describe('listening', () => {
  test('on the ports that were asked for, which are then taken', async () => {
    const first = await testServer();
    const port = Number(/\/tcp\/(\d+)$/.exec(addressOf(first, 'tcp').multiaddrs[0] ?? '')?.[1]);
    const error = await refusal(testHost({ listen: { host: '127.0.0.1', tcp: port } }));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.message).toContain('EADDRINUSE');
    await first.stop();
    const second = await testHost({ listen: { host: '127.0.0.1', tcp: port } });
    expect(second.multiaddrs()).toEqual([`/ip4/127.0.0.1/tcp/${port}`]);
  });

  test('on a UDP port that another has, which is then named', async () => {
    const first = await testServer();
    const port = Number(/\/udp\/(\d+)\//.exec(addressOf(first, 'webrtc-direct').multiaddrs[0] ?? '')?.[1]);
    const error = await refusal(testHost({ listen: { host: '127.0.0.1', webrtcDirect: port } }));
    expect(error.code).toBe('UNREACHABLE');
    expect(error.message).toContain(`EADDRINUSE 127.0.0.1:${port}`);
  });

  test('what is announced is told instead, with the certhash', async () => {
    const host = await testServer({ announce: ['/dns4/example.com/tcp/443/wss', '/ip4/9.9.9.9/udp/4001/webrtc-direct'] });
    expect(host.multiaddrs()).toEqual([
      '/dns4/example.com/tcp/443/wss',
      expect.stringMatching(/^\/ip4\/9\.9\.9\.9\/udp\/4001\/webrtc-direct\/certhash\/u/),
    ]);
  });

  test('all interfaces are told of, public ones too', async () => {
    const host = await testHost({ listen: { host: '0.0.0.0', tcp: 0 } });
    expect(host.multiaddrs().length).toBeGreaterThan(0);
    expect(host.multiaddrs().every((address) => !address.includes('/0.0.0.0/'))).toBe(true);
  });

  test.each([
    ['a message that is too long', Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0)],
    ['a frame with reserved bits', Uint8Array.of(0xf2, 0x80, 1, 2, 3, 4)],
    ['a frame that is not masked', Uint8Array.of(0x82, 0x01, 0)],
    ['an unknown opcode', Uint8Array.of(0x8f, 0x80, 1, 2, 3, 4)],
    ['text where bytes are due', Uint8Array.of(0x81, 0x83, 0, 0, 0, 0, 0xff, 0xfe, 0xfd)],
  ])('%s on a WebSocket ends its connection only', async (_what, bytes) => {
    const server = await testServer();
    const port = /\/tcp\/(\d+)\/ws/.exec(server.multiaddrs().join())?.[1];
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    await closed;
    expect((await dialPeer(await testHost(), addressOf(server, 'websocket'))).transport).toBe('websocket');
  });

  test('random bytes on every port harm nobody', async () => {
    const random = randomOf(onTestFailed);
    const server = await testServer();
    const [tcp, ws] = [
      ...server
        .multiaddrs()
        .join()
        .matchAll(/\/tcp\/(\d+)/g),
    ].map((match) => Number(match[1]));
    const udp = Number(/\/udp\/(\d+)/.exec(server.multiaddrs().join())?.[1]);
    const datagrams = createSocket('udp4');
    onTestFinished(() => {
      datagrams.close();
    });
    const opening = new TextEncoder().encode('\x13/multistream/1.0.0\n\x07/noise\n');
    const upgrade = new TextEncoder().encode('GET / HTTP/1.1\r\n');
    for (let i = 0; i < (process.env.PERIGEE_LONG === '1' ? 2_000 : 100); i++) {
      const bytes = random.bytes(random.between(1, 1_200));
      datagrams.send(bytes, udp, '127.0.0.1');
      const socket = connect(random.pick([tcp ?? 0, ws ?? 0]), '127.0.0.1');
      socket.on('error', () => {});
      socket.end(concat(random.pick([opening, upgrade, new Uint8Array(0)]), bytes));
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (random.chance(0.5)) socket.destroy();
    }
    const host = await testHost();
    for (const transport of TRANSPORTS) {
      if (transport === 'webrtc-direct' && webrtcObstacle() !== undefined) continue;
      expect((await dialPeer(host, addressOf(server, transport))).peerId).toBe(server.peerId);
      await host.disconnect(server.peerId);
    }
  });

  test('a malformed WebSocket frame of a server fails the dial only', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (request) => {
        const key = /sec-websocket-key: (\S+)/i.exec(String(request))?.[1];
        const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
        socket.write(Uint8Array.of(0xff, 0xff, 1, 2, 3, 4));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const error = await refusal(dialPeer(await testHost(), { multiaddrs: [`/ip4/127.0.0.1/tcp/${port}/ws`] }));
    expect(error.code).toBe('UNREACHABLE');
  });
});

test('stopping twice, and a listener that throws, do no harm', async () => {
  const server = await testServer();
  const host = await testHost();
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => complaint.mockRestore());
  host.subscribe(() => {
    throw new Error('the page is broken');
  });
  expect((await dialPeer(host, addressOf(server, 'tcp'))).transport).toBe('tcp');
  expect(complaint).toHaveBeenCalledOnce();
  await Promise.all([host.stop(), host.stop()]);
  await host.stop();
  expect(host.connections()).toEqual([]);
});
