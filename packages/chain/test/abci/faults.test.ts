import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AbciServer, Request } from '@perigee/chain/abci';
import { MAX_ABCI_CONNECTIONS, MAX_ABCI_SOCKETS, PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { randomOf, temporaryFolder } from '../../../../tests/kit/index.ts';
import { type AbciClient, frame, prefix } from './client.ts';
import { KeyValue } from './key-value.ts';
import { requests } from './samples.ts';
import { gate, info, type Served, serve } from './serve.ts';

const MAX = 1 << 20;

async function expectException(client: AbciClient, words: RegExp): Promise<void> {
  const { exception } = await client.next();
  expect(exception?.error).toMatch(words);
  await client.closed;
}

async function expectAlive(served: Served): Promise<void> {
  const client = await served.connect();
  expect(await client.call({ echo: { message: 'still there' } })).toEqual({ echo: { message: 'still there' } });
  await client.close();
}

describe('a request that cannot be read', () => {
  it.each([
    [
      'a frame that is too long',
      Buffer.concat([prefix(MAX + 1), Buffer.alloc(10)]),
      /^FRAME_TOO_LARGE: a frame announces 1048577 bytes/,
    ],
    ['a length without end', Buffer.alloc(50, 0xff), /^FRAME_TOO_LARGE/],
    ['a length that is not minimal', Buffer.of(0x80, 0x00), /^PARSE: varint/],
    // v0.34 wrote signed lengths: flush, 2 bytes, as 4
    ['a frame of another ABCI', Buffer.of(4, 0x12, 0, 4, 0x12, 0), /^PARSE/],
    ['an empty request', frame(Buffer.alloc(0)), /^PARSE: a request of 0 bytes holds none/],
    ['reap_txs of v0.39', frame(Buffer.of(0xb2, 1, 0)), /holds none that ABCI 2.0 of CometBFT v0.38 has/],
    ['two requests in one', frame(Buffer.of(0x12, 0, 0x5a, 0)), /holds flush and commit; exactly one is due/],
    ['a message that is cut off', frame(Buffer.of(0x0a, 5, 0x0a, 9, 1, 2, 3)), /^PARSE: /],
    ["a wire type that is not the field's", frame(Buffer.of(0x10, 0)), /^PARSE: Request.flush has wire type 0, not 2/],
    ['bytes that are no message', frame(Buffer.from('GET / HTTP/1.1')), /^PARSE/],
    ['misbehavior without a kind', frame(Buffer.of(0xa2, 1, 2, 0x1a, 0)), /type is 0, which has no meaning here/],
  ])('%s: is answered with an exception, after the answers to those before it', async (_, bytes, words) => {
    const served = await serve({}, { maxFrameBytes: MAX });
    const client = await served.connect();
    client.send({ echo: { message: 'before' } });
    client.socket.write(bytes);
    client.send({ echo: { message: 'after' } });
    expect(await client.next()).toEqual({ echo: { message: 'before' } });
    await expectException(client, words);
    await expect(client.next()).rejects.toThrow('closed');
    expect(served.faults).toHaveLength(1);
    expect(served.faults[0]?.message.length).toBeGreaterThan(10);
    await expectAlive(served);
  });

  it('is said to who goes on sending and reads late', async () => {
    const served = await serve({}, { maxFrameBytes: MAX });
    const client = await served.connect();
    client.socket.pause();
    client.socket.write(Buffer.concat([Buffer.of(0x80, 0x00), Buffer.alloc(500_000, 1)]));
    client.socket.resume();
    await expectException(client, /^PARSE/);
    await expectAlive(served);
  });

  it('of random bytes ends no more than its connection', async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const served = await serve({}, { maxFrameBytes: MAX });
    const samples = Object.values(requests).map((request) => Buffer.from(Request.encode(request)));
    for (let round = 0; round < 60; round++) {
      const client = await served.connect();
      const body = Buffer.from(random.pick(samples));
      for (let changes = random.between(0, 4); changes > 0; changes--) body[random.below(body.length)] = random.below(256);
      const whole = random.chance(0.3) ? Buffer.from(random.bytes(random.between(1, 200))) : frame(body);
      client.socket.end(whole.subarray(0, random.between(1, whole.length)));
      await client.closed;
    }
    for (const { code } of served.faults) expect(['PARSE', 'FRAME_TOO_LARGE', 'UNSUPPORTED']).toContain(code);
    await expectAlive(served);
  });

  it('because the engine ended in its middle is no fault of anybody', async () => {
    const served = await serve();
    const client = await served.connect();
    const body = frame(Request.encode(requests.finalizeBlock ?? {}));
    client.socket.end(body.subarray(0, body.length - 1));
    await client.closed;
    await expectAlive(served);
    expect(served.faults).toEqual([]);
  });
});

describe('another ABCI', () => {
  it.each(['', '0.17.0', '1.0.0', '2.1.0', '2.2.0', '3.0.0', '2.0', '2.0.0-x'])(
    '"%s" is refused in words',
    async (abciVersion) => {
      const served = await serve();
      const client = await served.connect();
      client.send({ info: { ...info.info, version: '1.0.1', abciVersion } });
      await expectException(
        client,
        /^UNSUPPORTED: the engine \(version "1\.0\.1"\) speaks .*ABCI 2\.0: run it with CometBFT v0\.38/,
      );
      expect(served.faults).toMatchObject([{ code: 'UNSUPPORTED', data: { abciVersion } }]);
      await expectAlive(served);
    },
  );

  it('of the versions that CometBFT v0.38 to v0.40 name is served', async () => {
    const served = await serve();
    const client = await served.connect();
    expect(await client.call(info)).toMatchObject({ info: { data: 'key-value', lastBlockHeight: 0 } });
  });
});

describe('a call that the application fails', () => {
  it('stops its engine, and no other', async () => {
    const served = await serve({
      checkTx: () => Promise.reject(new PerigeeError('STORE_FULL', 'the disk is full')),
      query: () => Promise.reject(new TypeError('a slip')),
    });
    const [mempool, query, consensus] = [await served.connect(), await served.connect(), await served.connect()];
    mempool.send(requests.checkTx ?? {}, { flush: {} });
    await expectException(mempool, /^STORE_FULL: the disk is full$/);
    query.send(requests.query ?? {});
    await expectException(query, /^INTERNAL: a slip$/);
    expect(await consensus.call({ commit: {} })).toEqual({ commit: { retainHeight: 0 } });
    expect(served.faults.map(({ code }) => code)).toEqual(['STORE_FULL', 'INTERNAL']);
  });

  it('that changes the state lets the next one run', async () => {
    const served = await serve({ finalizeBlock: () => Promise.reject(new PerigeeError('BLOCK', 'not the next')) });
    const first = await served.connect();
    first.send(requests.finalizeBlock ?? {});
    await expectException(first, /^BLOCK: not the next$/);
    // and another engine may drive at once
    const second = await served.connect();
    expect(await second.call({ commit: {} })).toEqual({ commit: { retainHeight: 0 } });
  });

  it('with an answer that cannot be written is told of', async () => {
    const served = await serve({ prepareProposal: async () => ({ txs: [undefined as unknown as Uint8Array] }) });
    const client = await served.connect();
    client.send(requests.prepareProposal ?? {});
    await expectException(client, /^INTERNAL/);
    await expectAlive(served);
  });
});

describe('connections', () => {
  it(`past ${MAX_ABCI_CONNECTIONS} are told so, and past ${MAX_ABCI_SOCKETS} closed`, async () => {
    const served = await serve();
    const open: AbciClient[] = [];
    for (let i = 0; i < MAX_ABCI_CONNECTIONS; i++) open.push(await served.connect());
    for (const client of open) await client.call({ flush: {} });
    const refused: AbciClient[] = [];
    for (let i = MAX_ABCI_CONNECTIONS; i < MAX_ABCI_SOCKETS; i++) {
      const client = await served.connect();
      client.socket.allowHalfOpen = true;
      refused.push(client);
      expect((await client.next()).exception?.error).toMatch(/^BUSY: 8 connections are open already; an engine needs four/);
    }
    const last = await served.connect();
    await last.closed;
    await expect(last.next()).rejects.toThrow('closed');
    for (const client of open) expect(await client.call({ flush: {} })).toEqual({ flush: {} });
    for (const client of [open[0], ...refused]) await client?.close();
    await open[1]?.call({ flush: {} });
    await expectAlive(served);
  });

  it('of a second engine may look, and not drive, until the first is gone', async () => {
    const served = await serve();
    const [first, second] = [await served.connect(), await served.connect()];
    expect(await first.call({ commit: {} })).toHaveProperty('commit');
    expect(await second.call(info)).toHaveProperty('info');
    second.send({ commit: {} });
    await expectException(second, /^BUSY: another engine drives this application/);
    await first.close();
    const third = await served.connect();
    expect(await third.call({ commit: {} })).toHaveProperty('commit');
  });

  it('whose engine is gone have none of their other calls made', async () => {
    const { open, opened } = gate();
    const calls: string[] = [];
    const served = await serve({
      info: async () => {
        calls.push('info');
        await opened;
        return new KeyValue().info();
      },
      commit: async () => {
        calls.push('commit');
        return { retainHeight: 0 };
      },
    });
    const [query, consensus] = [await served.connect(), await served.connect()];
    query.send(info);
    await eventually(() => expect(calls).toEqual(['info']));
    consensus.send({ commit: {} }, { commit: {} });
    const other = await served.connect();
    await other.call({ flush: {} });
    await consensus.close();
    await other.call({ flush: {} });
    open();
    await query.next();
    expect(await other.call(info)).toHaveProperty('info');
    expect(calls).toEqual(['info', 'info']);
  });
});

describe('an address', () => {
  it.each([
    'tcp://127.0.0.1',
    'tcp://127.0.0.1:65536',
    'tcp://a b:1',
    'unix://relative.sock',
    'http://127.0.0.1:1',
    '127.0.0.1:26658',
    `unix:///${'x'.repeat(107)}`,
    '',
  ])('"%s" is refused', async (address) => {
    await expect(AbciServer.listen(new KeyValue(), { address })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('of IPv6 and of any free port is told as it became', async () => {
    const served = await serve({}, { address: 'tcp://[::1]:0' });
    expect(served.server.address).toMatch(/^tcp:\/\/\[::1\]:[1-9]\d*$/);
    await expectAlive(served);
  });

  it('of a server that lives is not taken over, that of a dead one is, and that of something else stays', async () => {
    const path = join(temporaryFolder('abci'), 'app.sock');
    const address = `unix://${path}`;
    const first = await AbciServer.listen(new KeyValue(), { address });
    await expect(AbciServer.listen(new KeyValue(), { address })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await first.close();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'a file of its user');
    await expect(AbciServer.listen(new KeyValue(), { address })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(readFileSync(path, 'utf8')).toBe('a file of its user');
  });
});
