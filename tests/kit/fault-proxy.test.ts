import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createRandom, type FaultProxy, type Faults, startFaultProxy } from './index.ts';

let server: Server;
let proxy: FaultProxy;
let client: Socket;

/** A server that echoes, a proxy before it, a client on the proxy. */
async function open(faults: Faults): Promise<void> {
  server = createServer({ allowHalfOpen: true }, (socket) => void socket.on('error', () => undefined).pipe(socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  proxy = await startFaultProxy({ port: (server.address() as AddressInfo).port }, faults, createRandom(5));
  client = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
  await once(client, 'connect');
}

afterEach(async () => {
  client.destroy();
  await proxy.close();
  server.close();
});

async function echo(bytes: Uint8Array): Promise<Uint8Array> {
  client.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const data = createRandom(1).bytes(200_000);

test('passes bytes unchanged', async () => {
  await open({});
  expect(Buffer.compare(await echo(data), data)).toBe(0);
  expect(proxy.passed).toEqual({ up: data.length, down: data.length });
});

test('holds bytes back', async () => {
  await open({ delayMs: 60 });
  const start = performance.now();
  await echo(data.subarray(0, 10));
  expect(performance.now() - start).toBeGreaterThan(115); // a lower bound: twice the delay, never less
});

test('keeps the order, whatever is late or has to be sent again', async () => {
  await open({ jitterMs: 10, loss: 0.2 });
  expect(Buffer.compare(await echo(data), data)).toBe(0);
});

test('passes no more bytes a second than it may', async () => {
  await open({ bytesPerSecond: 1_000_000 });
  const start = performance.now();
  await echo(data);
  expect(performance.now() - start).toBeGreaterThan(190); // a lower bound: 200,000 bytes at a million a second
});

test('flips bits', async () => {
  await open({ corruption: 0.01 });
  const out = await echo(data);
  const wrong = data.reduce((sum, byte, i) => sum + (byte === out[i] ? 0 : 1), 0);
  expect(out.length).toBe(data.length);
  expect(wrong).toBeGreaterThan(data.length * 0.015); // about 2 %: 1 % each way
  expect(wrong).toBeLessThan(data.length * 0.025);
});

test('cuts a connection after some bytes', async () => {
  await open({ cutAfterBytes: 50_000 });
  await expect(echo(data)).rejects.toThrow(/ECONNRESET|EPIPE/);
  expect(proxy.passed.up).toBeLessThanOrEqual(50_000);
});

test('cuts all connections, and takes new ones', async () => {
  await open({});
  const closed = new Promise((resolve) => client.once('close', resolve));
  proxy.cut();
  await closed;
  client = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
  expect(Buffer.compare(await echo(data), data)).toBe(0);
});

test('goes silent', async () => {
  await open({ silent: true });
  expect(await echo(data)).toHaveLength(0);
  expect(proxy.passed.up).toBe(0);
});
