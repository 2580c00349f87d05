import { WEBSOCKET_FALLBACK_MS } from '@perigee/wire';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { type Connection, createHost, dialPeer, type Host, type HostOptions, open, type PeerAddress } from '../src/index.ts';
import { brokenRules } from './fixtures.ts';
import { echoProtocol, GARBAGE } from './protocols.ts';

const server = inject('netServer');
const obstacle = server.webrtcObstacle;
const needsWebRtc = describe.skipIf(obstacle !== null);
const because = (why: string | null): string => (why === null ? '' : ` (${why})`);
const reason = because(obstacle);

const only = (...kinds: string[]): PeerAddress & { peerId: string } => ({
  peerId: server.peerId,
  multiaddrs: server.multiaddrs.filter((address) => kinds.some((kind) => address.includes(kind))),
});
/** A webrtc-direct address where nobody answers. */
const DEAD = '/ip4/127.0.0.1/udp/9/webrtc-direct/certhash/uEiBynRgyck-KmqAIjGS2U2omZfe8w0PGnococY7czWAAAg';

function dialInWorker(peer: PeerAddress): Promise<Connection> {
  const worker = new Worker(new URL('./dial.worker.ts', import.meta.url), { type: 'module' });
  onTestFinished(() => worker.terminate());
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(peer);
  });
}

async function page(options: HostOptions = {}): Promise<Host> {
  const host = await createHost({ allowPrivate: true, ...options });
  onTestFinished(() => host.stop());
  return host;
}

async function requests(host: Host, peer: PeerAddress & { peerId: string }): Promise<void> {
  const client = open(host, peer, echoProtocol);
  const sizes = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      let bytes = 0;
      for await (const { data } of client.call({ count: 4, size: 1 << 18, mode: '' })) bytes += data.length;
      return bytes;
    }),
  );
  expect(sizes).toEqual([1 << 20, 1 << 20, 1 << 20, 1 << 20]);
  let index = 0;
  for await (const answer of client.call({ count: 200, size: 1_000, mode: '' })) {
    expect(answer.index).toBe(index++);
    expect(answer.data.every((byte) => byte === answer.index % 256)).toBe(true);
  }
  expect(index).toBe(200);
  for await (const answer of client.call({ count: 2, size: 1, mode: 'hang' })) {
    expect(answer.index).toBe(0);
    break;
  }
  expect(await client.callOne({ count: 1, size: 0, mode: '' })).toMatchObject({ index: 0 });
}

needsWebRtc(`a page over webrtc-direct${reason}`, () => {
  test('is the first choice, and carries requests', async () => {
    const host = await page();
    const connection = await dialPeer(host, only('/'));
    expect(connection.transport).toBe('webrtc-direct');
    expect(connection.address).toContain('/webrtc-direct/certhash/');
    expect(connection.fallback).toBeUndefined();
    await requests(host, only('/'));
    expect(host.connections()).toHaveLength(1);
    expect(host.connections()[0]?.bytesIn).toBeGreaterThan(4 << 20);
  });

  test('asks no STUN server', async () => {
    const configurations: (RTCConfiguration | undefined)[] = [];
    const Original = globalThis.RTCPeerConnection;
    globalThis.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        configurations.push(configuration);
      }
    };
    onTestFinished(() => {
      globalThis.RTCPeerConnection = Original;
    });
    await dialPeer(await page(), only('/webrtc-direct'));
    expect(configurations.length).toBeGreaterThan(0);
    expect(configurations.every((configuration) => configuration?.iceServers?.length === 0)).toBe(true);
  });

  test('survives a server that sends garbage', async () => {
    const host = await page();
    const broken = brokenRules(host);
    const client = open(host, only('/webrtc-direct'), { ...echoProtocol, id: GARBAGE });
    for (let i = 0; i < 3; i++) {
      await expect(client.callOne({ count: 1, size: 1, mode: '' })).rejects.toMatchObject({ code: 'PARSE' });
    }
    expect(broken).toEqual(['PARSE', 'PARSE', 'PARSE']);
    await requests(host, only('/webrtc-direct'));
  });
});

describe.skipIf(server.denoObstacle !== null)(`a page over WebTransport${because(server.denoObstacle)}`, () => {
  test('carries requests both ways at once, on streams that come and go', async () => {
    const host = await page();
    const connection = await dialPeer(host, only('/webtransport'));
    expect(connection).toMatchObject({ transport: 'webtransport', peerId: server.peerId });
    for (let i = 0; i < 3; i++) await requests(host, only('/webtransport'));
    const streams = Array.from({ length: 100 }, async () => {
      const libp2p = host.libp2p.getConnections()[0];
      const stream = await libp2p?.newStream(echoProtocol.id, { maxOutboundStreams: 1_000 });
      await stream?.close();
    });
    await Promise.allSettled(streams);
    await requests(host, only('/webtransport'));
    expect(host.connections()).toHaveLength(1);
  });

  test('survives a server that sends garbage', async () => {
    const host = await page();
    const client = open(host, only('/webtransport'), { ...echoProtocol, id: GARBAGE });
    for (let i = 0; i < 3; i++) {
      await expect(client.callOne({ count: 1, size: 1, mode: '' })).rejects.toMatchObject({ code: 'PARSE' });
    }
    await requests(host, only('/webtransport'));
  });

  test('connects in a worker too', async () => {
    expect(await dialInWorker(only('/webtransport'))).toMatchObject({ transport: 'webtransport', peerId: server.peerId });
  });

  test('dials nobody whose certificate is another', async () => {
    const multiaddrs = only('/webtransport').multiaddrs.map((address) => address.replace(/uEi[\w-]{4}/g, 'uEiAAAA'));
    await expect(dialPeer(await page(), { peerId: server.peerId, multiaddrs })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  test('is told when a hash in the address was never the server’s', async () => {
    const [address = ''] = only('/webtransport').multiaddrs;
    const forged = `${address}/certhash/uEiBynRgyck-KmqAIjGS2U2omZfe8w0PGnococY7czWAAAg`;
    await expect(dialPeer(await page(), { peerId: server.peerId, multiaddrs: [forged] })).rejects.toThrow('certhashes');
  });
});

describe('a page over WebSocket', () => {
  test('carries requests', async () => {
    const host = await page();
    const connection = await dialPeer(host, only('/ws'));
    expect(connection).toMatchObject({ transport: 'websocket', peerId: server.peerId });
    await requests(host, only('/ws'));
  });

  test('falls back from a webrtc-direct address that is silent, and says why', async () => {
    const start = performance.now();
    const connection = await dialPeer(await page(), { peerId: server.peerId, multiaddrs: [DEAD, ...only('/ws').multiaddrs] });
    expect(connection.transport).toBe('websocket');
    expect(connection.fallback).toMatch(/^webrtc-direct had not connected after \d+ ms$|webrtc-direct/);
    expect(performance.now() - start).toBeGreaterThanOrEqual(WEBSOCKET_FALLBACK_MS - 1);
  });

  test('a worker has no WebRTC, uses it, and says why', async () => {
    const answer = await dialInWorker(only('/webrtc-direct', '/ws'));
    expect(answer).toMatchObject({ transport: 'websocket', fallback: 'this context has no RTCPeerConnection' });
  });
});

describe('a page', () => {
  test('dials no private address unless it was made to', async () => {
    const host = await page({ allowPrivate: false });
    await expect(dialPeer(host, only('/'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await expect(dialPeer(host, only('/'))).rejects.toThrow('private addresses are not dialled here');
  });

  test('cannot listen or keep an identity, and is somebody else each time', async () => {
    for (const options of [{ listen: { host: '127.0.0.1' } }, { directory: 'x' }, { announce: [] }]) {
      await expect(createHost(options)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    }
    const [first, second] = [await page(), await page()];
    expect(first.peerId).not.toBe(second.peerId);
    expect(first.multiaddrs()).toEqual([]);
  });

  test('stops in good time', async () => {
    const host = await createHost({ allowPrivate: true });
    await dialPeer(host, only('/ws'));
    const waiting = open(host, only('/ws'), echoProtocol).call({ count: 2, size: 1, mode: 'hang' });
    await waiting.next();
    const end = expect(waiting.next()).rejects.toMatchObject({ code: 'ABORTED' });
    await host.stop();
    await end;
    expect(host.connections()).toEqual([]);
  });
});
