import { MAX_IN_FLIGHT, MAX_QUEUED_REQUESTS, PerigeeError } from '@perigee/wire';
import { beforeEach, describe, expect, test } from 'vitest';
import { webrtcObstacle } from '../../../scripts/chromium.mjs';
import { eventually } from '../../../tests/kit/eventually.ts';
import { TickingClock } from '../../../tests/kit/ticking-clock.ts';
import { dialPeer, type Handler, type Host, open, type ProtocolClient, serve } from '../src/index.ts';
import { addressOf, TRANSPORTS, testHost, testServer } from './fixtures.ts';
import { echoProtocol } from './protocols.ts';

type Request = { count: number; size: number; mode: string };
type Answer = { index: number; data: Uint8Array };
const ask = (count: number, size = 0, mode = ''): Request => ({ count, size, mode });

/** What the server does, by the mode of the request; and what it saw. */
class Service {
  cancelled = 0;
  sent = 0;
  inWork = 0;
  mostInWork = 0;

  readonly handler: Handler<Request, Answer> = (request, { signal }) => {
    if (request.mode === 'one') return Promise.resolve({ index: 1, data: new Uint8Array(request.size) });
    if (request.mode === 'refuse') return Promise.reject(new PerigeeError('PRUNED', 'height 1 is gone'));
    if (request.mode === 'bug') return Promise.reject(new TypeError('secret.path is undefined'));
    if (request.mode === 'throw') throw new PerigeeError('NOT_FOUND', 'no such thing');
    return this.#stream(request, signal);
  };

  async *#stream({ count, size, mode }: Request, signal: AbortSignal): AsyncGenerator<Answer> {
    this.mostInWork = Math.max(this.mostInWork, ++this.inWork);
    try {
      for (let index = 0; index < count; index++) {
        if (mode === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
        if (mode === 'hang' && index === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        if (mode === 'break' && index === 1) throw new PerigeeError('STORE_CORRUPT', 'row 1 is damaged');
        this.sent++;
        yield { index, data: new Uint8Array(size).fill(index) };
      }
    } finally {
      this.inWork--;
      if (signal.aborted) this.cancelled++;
    }
  }
}

async function collect(answers: AsyncIterable<Answer>): Promise<Answer[]> {
  const out: Answer[] = [];
  for await (const answer of answers) out.push(answer);
  return out;
}

const refusal = (promise: Promise<unknown>): Promise<PerigeeError> =>
  promise.then(
    () => {
      throw new Error('it was not refused');
    },
    (error) => {
      expect(error).toBeInstanceOf(PerigeeError);
      return error as PerigeeError;
    },
  );

const obstacle = webrtcObstacle();

for (const transport of TRANSPORTS) {
  const skipped = transport === 'webrtc-direct' && obstacle !== undefined;
  describe.skipIf(skipped)(`requests over ${transport}${skipped ? ` (${obstacle})` : ''}`, () => {
    let service: Service;
    let server: Host;
    let host: Host;
    let client: ProtocolClient<Request, Answer>;

    beforeEach(async () => {
      service = new Service();
      server = await testServer();
      host = await testHost();
      await serve(server, echoProtocol, service.handler);
      client = open(host, addressOf(server, transport), echoProtocol);
    });

    test('a stream that is prepared is there before the first request', async () => {
      const streams = () =>
        host.libp2p
          .getConnections()
          .flatMap((connection) => connection.streams)
          .filter(({ protocol }) => protocol === echoProtocol.id);
      client.prepare();
      client.prepare();
      await eventually(() => expect(streams()).toHaveLength(1));
      const [prepared] = streams();
      expect(await collect(client.call(ask(1)))).toHaveLength(1);
      expect(streams()).toEqual([prepared]);
      // what stands in its way is said by the first request only
      await server.stop();
      open(await testHost(), addressOf(server, transport), echoProtocol).prepare();
    });

    test('one answer, many answers and none', async () => {
      expect(await client.callOne(ask(1, 5, 'one'))).toEqual({ index: 1, data: new Uint8Array(5) });
      const many = await collect(client.call(ask(300, 1_000)));
      expect(many.map(({ index }) => index)).toEqual(Array.from({ length: 300 }, (_, i) => i));
      expect(many.every(({ index, data }) => data.length === 1_000 && data.every((byte) => byte === index % 256))).toBe(true);
      expect(await collect(client.call(ask(0)))).toEqual([]);
      const [connection] = host.connections();
      expect(connection?.transport).toBe(transport);
      expect(connection?.fallback).toBeUndefined();
      expect(connection?.bytesIn).toBeGreaterThan(300_000);
      expect(connection?.bytesIn).toBe(server.connections()[0]?.bytesOut);
      expect(connection?.rttMs).toBeGreaterThanOrEqual(0);
    });

    test('all requests share one stream, two of them at a time', async () => {
      const calls = Array.from({ length: 8 }, () => collect(client.call(ask(3, 100, 'slow'))));
      expect((await Promise.all(calls)).every((answers) => answers.length === 3)).toBe(true);
      expect(service.mostInWork).toBe(MAX_IN_FLIGHT);
      const streams = host.libp2p.getConnections().flatMap((connection) => connection.streams);
      expect(streams.filter(({ protocol }) => protocol === echoProtocol.id)).toHaveLength(1);
      expect(open(host, addressOf(server, transport), echoProtocol)).toBe(client);
    });

    test('requests that wait for long on another stream leave the places of the first to others', async () => {
      const other = open(host, addressOf(server, transport), echoProtocol, 1);
      expect(other).not.toBe(client);
      expect(open(host, addressOf(server, transport), echoProtocol, 1)).toBe(other);
      const waiting = Array.from({ length: MAX_IN_FLIGHT }, () => other.call(ask(2, 10, 'hang')));
      for (const answers of waiting) expect((await answers.next()).value).toMatchObject({ index: 0 });
      expect(await client.callOne(ask(1, 5, 'one'))).toMatchObject({ index: 1 });
      for (const answers of waiting) await answers.return();
    });

    test('answers of 1 MiB to a reader that takes its time, two requests at once', async () => {
      const read = async (): Promise<number> => {
        let bytes = 0;
        for await (const { data } of client.call(ask(4, 1 << 20))) {
          await new Promise((resolve) => setTimeout(resolve, 30));
          bytes += data.length;
          if (transport !== 'webrtc-direct') expect(service.sent).toBeLessThanOrEqual(8);
        }
        return bytes;
      };
      expect(await read()).toBe(4 << 20);
    });

    test('errors of the server arrive with their code, and of its bugs nothing but that there is one', async () => {
      const pruned = await refusal(client.callOne(ask(0, 0, 'refuse')));
      expect([pruned.code, pruned.message, pruned.data?.remote]).toEqual(['PRUNED', 'height 1 is gone', true]);
      expect((await refusal(client.callOne(ask(0, 0, 'throw')))).code).toBe('NOT_FOUND');
      const bug = await refusal(client.callOne(ask(0, 0, 'bug')));
      expect([bug.code, bug.message]).toEqual(['INTERNAL', 'the peer failed']);
      const answers = client.call(ask(3, 0, 'break'));
      expect((await answers.next()).value).toMatchObject({ index: 0 });
      expect((await refusal(answers.next())).code).toBe('STORE_CORRUPT');
      expect(await collect(client.call(ask(2)))).toHaveLength(2);
    });

    test('leaving the loop and aborting stop the server, and the stream goes on', async () => {
      for await (const { index } of client.call(ask(2, 10, 'hang'))) {
        expect(index).toBe(0);
        break;
      }
      await eventually(() => expect(service.cancelled).toBe(1));
      const abort = new AbortController();
      const answers = client.call(ask(2, 10, 'hang'), { signal: abort.signal });
      await answers.next();
      const waiting = refusal(answers.next());
      abort.abort();
      expect((await waiting).code).toBe('ABORTED');
      await eventually(() => expect(service.cancelled).toBe(2));
      expect(await collect(client.call(ask(2)))).toHaveLength(2);
      expect(service.inWork).toBe(0);
    });

    test('silence is a timeout, and the place on the stream comes back', async () => {
      const clock = new TickingClock();
      const patient = open(await testHost({ clock }), addressOf(server, transport), echoProtocol);
      for (let i = 0; i < 2 * MAX_IN_FLIGHT; i++) {
        const answers = patient.call(ask(2, 0, 'hang'), { timeoutMs: 1_000 });
        await answers.next();
        const waiting = refusal(answers.next());
        clock.advance(999);
        clock.advance(1);
        expect((await waiting).code).toBe('TIMEOUT');
      }
      await eventually(() => expect(service.cancelled).toBe(2 * MAX_IN_FLIGHT));
      expect(await collect(patient.call(ask(1)))).toHaveLength(1);
    });

    test('a stream that broke is opened again; a host that died is unreachable', async () => {
      expect(await collect(client.call(ask(1)))).toHaveLength(1);
      for (const connection of host.libp2p.getConnections()) {
        for (const stream of connection.streams) stream.abort(new Error('cut'));
      }
      await eventually(async () => expect(await collect(client.call(ask(1)))).toHaveLength(1));
      const answers = client.call(ask(2, 0, 'hang'));
      await answers.next();
      const waiting = refusal(answers.next());
      await server.stop();
      expect((await waiting).code).toBe('STREAM_CLOSED');
      const late = client.callOne(ask(1, 0, 'one'), { signal: AbortSignal.timeout(500) });
      expect(['UNREACHABLE', 'TIMEOUT']).toContain((await refusal(late)).code);
    });
  });
}

describe('requests that are not sent', () => {
  test('too long, too many, already aborted, and after the end of the host', async () => {
    const server = await testServer({ listen: { host: '127.0.0.1', tcp: 0 } });
    const service = new Service();
    await serve(server, echoProtocol, service.handler);
    const host = await testHost();
    const client = open(host, addressOf(server, 'tcp'), { ...echoProtocol, maxRequestBytes: 16 });
    expect((await refusal(client.callOne(ask(1, 0, 'x'.repeat(20))))).code).toBe('INVALID_ARGUMENT');
    expect((await refusal(client.callOne(ask(1), { signal: AbortSignal.abort() }))).code).toBe('ABORTED');

    const hanging = Array.from({ length: MAX_IN_FLIGHT }, () => client.call(ask(2, 0, 'hang')));
    for (const answers of hanging) await answers.next();
    const queued = Array.from({ length: MAX_QUEUED_REQUESTS }, () => refusal(client.callOne(ask(1))));
    expect((await refusal(client.callOne(ask(1)))).code).toBe('BUSY');
    await host.stop();
    expect(new Set((await Promise.all(queued)).map(({ code }) => code))).toEqual(new Set(['ABORTED']));
    expect((await refusal(client.callOne(ask(1)))).code).toBe('ABORTED');
  });

  test('a protocol that the peer does not speak', async () => {
    const server = await testServer({ listen: { host: '127.0.0.1', tcp: 0 } });
    const host = await testHost();
    await dialPeer(host, addressOf(server, 'tcp'));
    const error = await refusal(open(host, addressOf(server, 'tcp'), echoProtocol).callOne(ask(1)));
    expect(error.code).toBe('UNSUPPORTED');
  });

  test('a request with one answer refuses two and none', async () => {
    const server = await testServer({ listen: { host: '127.0.0.1', tcp: 0 } });
    await serve(server, echoProtocol, new Service().handler);
    const client = open(await testHost(), addressOf(server, 'tcp'), echoProtocol);
    expect((await refusal(client.callOne(ask(0)))).code).toBe('PARSE');
    expect((await refusal(client.callOne(ask(2)))).code).toBe('PARSE');
  });
});
