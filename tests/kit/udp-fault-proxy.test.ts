import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { createRandom, type DatagramFaultProxy, type DatagramFaults, startDatagramFaultProxy } from './index.ts';

const COUNT = 400;
let server: Socket;
let client: Socket;
let proxy: DatagramFaultProxy;
let received: number[];

/** A server that echoes, a proxy before it, a client on the proxy. */
async function open(faults: DatagramFaults): Promise<void> {
  server = createSocket('udp4');
  server.on('message', (message, from) => server.send(message, from.port, from.address)).bind(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startDatagramFaultProxy({ port: server.address().port }, faults, createRandom(3));
  client = createSocket('udp4');
  received = [];
  client.on('message', (message) => received.push(message.readUInt32LE()));
  client.connect(proxy.port, '127.0.0.1');
  await once(client, 'connect');
}

afterEach(async () => {
  client.close();
  await proxy.close();
  server.close();
});

/** Sends numbered datagrams, a few at once, and waits until what comes back has come. */
async function echo(count = COUNT): Promise<void> {
  for (let i = 0; i < count; i++) {
    const message = Buffer.alloc(100);
    message.writeUInt32LE(i);
    client.send(message);
    if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  for (let before = -1; before !== received.length || received.length === 0; ) {
    before = received.length;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

test('passes datagrams', async () => {
  await open({});
  await echo();
  expect(received).toHaveLength(COUNT);
  expect(proxy.count).toMatchObject({ passed: 2 * COUNT, lost: 0 });
});

test('loses some', async () => {
  await open({ loss: 0.2 });
  await echo();
  expect(received.length).toBeGreaterThan(COUNT * 0.5); // 64 % come there and back
  expect(received.length).toBeLessThan(COUNT * 0.78);
  expect(proxy.count.lost).toBe(COUNT - received.length);
});

test('has some overtake others', async () => {
  await open({ delayMs: 5, jitterMs: 30 });
  await echo();
  expect(received).toHaveLength(COUNT);
  expect(received).not.toEqual([...received].sort((a, b) => a - b));
  expect(proxy.count.overtaken).toBeGreaterThan(COUNT / 2);
});

test('repeats some', async () => {
  await open({ repeats: 1 });
  await echo(50);
  expect(received).toHaveLength(200); // twice on each way
});

test('holds datagrams back', async () => {
  await open({ delayMs: 60 });
  const start = performance.now();
  client.send(Buffer.alloc(4));
  await once(client, 'message');
  expect(performance.now() - start).toBeGreaterThan(115); // a lower bound: twice the delay, never less
});
