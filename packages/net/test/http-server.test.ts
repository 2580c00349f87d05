import { connect } from 'node:net';
import {
  HTTP_STALL_MS,
  MAX_HTTP_BODIES_BYTES_PER_ADDRESS,
  MAX_HTTP_BODY_BYTES,
  MAX_HTTP_PATH_CHARACTERS,
  SMALL_HTTP_BODY_BYTES,
} from '@perigee/wire';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type HttpRequest, type HttpServer, startHttpServer } from '../src/http/http-server.ts';
import { Room } from '../src/http/room.ts';

const { signal } = new AbortController();
const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(
  answer: (request: HttpRequest) => Promise<string> = async ({ body }) => String(body.length),
  silence: { readonly idleMs?: number; readonly answerMs?: number } = {},
): Promise<number> {
  const onFault = (): void => {};
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    answer: async (request) => ({ status: 200, body: await answer(request) }),
    onFault,
    ...silence,
  });
  servers.push(server);
  return server.port;
}

/** Sends text as it is. @returns all that comes back until the other end closes */
function raw(port: number, text: string, linger = false): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
      if (!linger) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => {});
  });
}

describe('an HTTP server', () => {
  it('refuses what is too long, or says not how long it is, before it is read', async () => {
    const port = await start();
    const head = 'POST / HTTP/1.1\r\nHost: x\r\n';
    expect(await raw(port, `${head}Content-Length: ${MAX_HTTP_BODY_BYTES + 1}\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /);
    expect(await raw(port, `${head}\r\n`)).toMatch(/^HTTP\/1.1 411 /);
    const chunk = `${SMALL_HTTP_BODY_BYTES.toString(16)}\r\n${'x'.repeat(SMALL_HTTP_BODY_BYTES)}\r\n`;
    expect(await raw(port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw(port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`)).toMatch(/^HTTP\/1.1 411 /);
    expect(await raw(port, `${head}Content-Length: -1\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
    const path = `/${'z'.repeat(MAX_HTTP_PATH_CHARACTERS)}`;
    expect(await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 414 /);
    expect(await raw(port, `GET ${path.slice(0, -1)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('closes what says nothing, but not while it makes an answer that may take longer', async () => {
    const late = async (): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return 'late';
    };
    const ask = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    expect(await raw(await start(late, { idleMs: 300 }), ask)).toBe('');
    const patient = await start(late, { idleMs: 300, answerMs: 600_000 });
    expect(await raw(patient, ask)).toMatch(/^HTTP\/1.1 200 .*late$/s);
    expect(await raw(patient, '')).toBe('');
  });

  it('closes the connection of who takes nothing of an answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let gone: AbortSignal | undefined;
    const port = await start(async (request) => {
      gone = request.signal;
      return 'x'.repeat(16 << 20);
    });
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    onTestFinished(() => void socket.destroy());
    socket.pause();
    await vi.waitUntil(() => vi.getTimerCount() > 0 && gone !== undefined, { timeout: 40_000 });
    vi.advanceTimersByTime(HTTP_STALL_MS - 1);
    expect(gone?.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    await vi.waitUntil(() => gone?.aborted, { timeout: 40_000 });
  });

  it('takes several requests of one connection', async () => {
    const port = await start();
    const one = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc';
    const last = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab';
    const answer = await raw(port, `${one}${one}${last}`, true);
    expect(answer.match(/HTTP\/1.1 200/g)).toHaveLength(3);
  });

  it('gives the room of a body back when its client goes', async () => {
    const port = await start();
    const half = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${MAX_HTTP_BODY_BYTES}\r\n\r\nabc`;
    const sockets = await Promise.all(
      [0, 1].map(
        () =>
          new Promise<ReturnType<typeof connect>>((resolve) => {
            const socket = connect(port, '127.0.0.1', () => socket.write(half, () => resolve(socket)));
          }),
      ),
    );
    // a third that needs room waits for it, and one that needs none does not
    const large = fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x'.repeat(MAX_HTTP_BODIES_BYTES_PER_ADDRESS / 4) });
    expect(await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'small' })).text()).toBe('5');
    for (const socket of sockets) socket.destroy();
    expect(await (await large).text()).toBe(String(MAX_HTTP_BODIES_BYTES_PER_ADDRESS / 4));
  });

  it('ends work for a client that has gone', async () => {
    let stopped = (): void => {};
    const gone = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const stop = new AbortController();
    const port = await start(
      ({ signal: until }) =>
        new Promise((_, reject) => {
          until.addEventListener('abort', () => {
            stopped();
            reject(until.reason);
          });
          stop.abort();
        }),
    );
    const asked = fetch(`http://127.0.0.1:${port}/`, { signal: stop.signal }).catch(() => 'broken off');
    expect(await asked).toBe('broken off');
    await gone;
  });

  it('says nothing of why it failed', async () => {
    const port = await start(async () => {
      throw new Error('/secret/path');
    });
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('secret')]);
  });
});

describe('room', () => {
  it('is given in order, to nobody more than its part, and given back once', async () => {
    const room = new Room({ total: 10, perOwner: 6 });
    const order: string[] = [];
    const take = async (name: string, bytes: number, owner: string) => {
      const release = await room.take(bytes, owner, signal);
      order.push(name);
      return release;
    };
    const first = await take('first', 6, 'a');
    const second = take('second', 1, 'a');
    const third = await take('third', 4, 'b');
    const fourth = take('fourth', 6, 'b');
    expect(room.used).toBe(10);
    first();
    first();
    const release = await second;
    expect([room.used, order]).toEqual([5, ['first', 'third', 'second']]);
    third();
    (await fourth)();
    release();
    expect(room.used).toBe(0);
    const most = await take('most', 6, 'a');
    const large = take('large', 5, 'b');
    const small = take('small', 1, 'c'); // there is room for it, and it came later
    await Promise.resolve();
    expect(room.used).toBe(6);
    most();
    for (const one of [await large, await small]) one();
    expect(order.slice(-2)).toEqual(['large', 'small']);
    const stop = new AbortController();
    const held = await room.take(10 - 4, 'c', signal);
    const waits = room.take(5, 'd', stop.signal);
    stop.abort();
    await expect(waits).rejects.toMatchObject({ code: 'ABORTED' });
    held();
    await expect(room.take(1, 'd', stop.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(room.used).toBe(0);
  });
});
