import { createServer, type Socket } from 'node:net';
import type { Response } from '@perigee/chain/abci';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { Connection } from '../../src/abci/connection.ts';
import { AbciClient, frame } from './client.ts';
import { gate, serve } from './serve.ts';

/** Resolves when nothing more leaves a socket. */
async function stuck({ socket }: AbciClient): Promise<number> {
  for (let before = -1; before !== socket.writableLength; ) {
    before = socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return socket.writableLength;
}

function checkTxOf(bytes: number) {
  return { checkTx: { tx: Buffer.alloc(bytes, '='), type: 'new' as const } };
}

describe('a server that is behind', () => {
  it.each([
    ['many requests', 4 << 10, 4_000, 64 << 20],
    ['long requests', 512 << 10, 40, 2 << 20],
  ])('reads no more while %s wait, and goes on where it was', async (_, bytes, count, maxFrameBytes) => {
    const { open, opened } = gate();
    let calls = 0;
    const result = { code: 0, data: new Uint8Array(0), log: '', gasWanted: 0, gasUsed: 0, events: [] };
    const checkTx = async () => {
      await opened;
      calls += 1;
      return { ...result, gasUsed: calls };
    };
    const served = await serve({ checkTx }, { maxFrameBytes });
    const client = await served.connect();
    for (let i = 0; i < count; i++) client.send(checkTxOf(bytes));
    // 256 requests or a frame's worth were read, and what the kernel holds
    expect(await stuck(client)).toBeGreaterThan(bytes * count - (4 << 20));
    open();
    for (let i = 1; i <= count; i++) expect((await client.next()).checkTx?.gasUsed).toBe(i);
  });

  it('because answers are not taken makes none either', async () => {
    let calls = 0;
    const query = async () => {
      calls += 1;
      return { code: 0, log: '', key: Buffer.of(calls), value: new Uint8Array(1 << 20), proofOps: [], height: 0 };
    };
    const served = await serve({ query });
    const client = await served.connect();
    client.socket.pause();
    for (let i = 0; i < 100; i++) client.send({ query: { data: new Uint8Array(0), path: '', height: 0, prove: false } });
    await stuck(client);
    expect(calls).toBeLessThan(10);
    // others are served meanwhile
    expect(await (await served.connect()).call({ flush: {} })).toEqual({ flush: {} });
    client.socket.resume();
    for (let i = 1; i <= 100; i++) expect((await client.next()).query?.key).toEqual(Uint8Array.of(i));
  });

  it('and is closed finishes the call that runs, and waits for no reader', async () => {
    const { open, opened } = gate();
    let commits = 0;
    const commit = async () => {
      commits += 1;
      await opened;
      return { retainHeight: 0 };
    };
    const query = async () => ({
      code: 0,
      log: '',
      key: new Uint8Array(0),
      value: new Uint8Array(8 << 20),
      proofOps: [],
      height: 0,
    });
    const served = await serve({ commit, query });
    const [driver, slow, silent] = [await served.connect(), await served.connect(), await served.connect()];
    slow.socket.pause();
    slow.send({ query: { data: new Uint8Array(0), path: '', height: 0, prove: false } }, { commit: {} });
    await silent.call({ flush: {} });
    driver.send({ commit: {} }, { commit: {} });
    await eventually(() => expect(commits).toBe(1));
    const closed = served.server.close();
    open();
    expect(await driver.next()).toEqual({ commit: { retainHeight: 0 } });
    await expect(driver.next()).rejects.toThrow('closed');
    await closed;
    await silent.closed;
    expect(commits).toBe(1);
    expect(() => served.server.address).toThrow('closed');
  });
});

describe('a connection', () => {
  it('answers a request whose pieces come in one tick', async () => {
    const accepted: Socket[] = [];
    const server = createServer((socket) => accepted.push(socket));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    const client = await AbciClient.connect(`tcp://127.0.0.1:${port}`);
    const socket = await eventually(() => accepted[0] ?? expect.unreachable());
    const answer = async (): Promise<Response> => ({ flush: {} });
    const connection = new Connection({ socket, maxFrameBytes: 100, answer, onEnd: () => {} });
    // as a stream does that was paused and holds both
    const request = frame(Buffer.of(0x12, 0));
    socket.emit('data', request.subarray(0, 2));
    socket.emit('data', request.subarray(2));
    expect(await client.next()).toEqual({ flush: {} });
    await connection.close();
    await client.close();
    server.close();
  });
});
