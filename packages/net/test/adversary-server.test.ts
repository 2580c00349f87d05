import type { Stream } from '@libp2p/interface';
import {
  AnswerFrame,
  CANCEL_TIMEOUT_MS,
  concat,
  MAX_CANCELLED_REQUESTS,
  MAX_IN_FLIGHT,
  PerigeeError,
  uvarint,
} from '@perigee/wire';
import { beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { webrtcObstacle } from '../../../scripts/chromium.mjs';
import { eventually } from '../../../tests/kit/eventually.ts';
import { randomOf } from '../../../tests/kit/index.ts';
import { TickingClock } from '../../../tests/kit/ticking-clock.ts';
import { type Host, open, type ProtocolClient } from '../src/index.ts';
import { addressOf, brokenRules, testHost, testServer } from './fixtures.ts';
import { Echo, echoProtocol, frame } from './protocols.ts';

const long = process.env.PERIGEE_LONG === '1';
const obstacle = webrtcObstacle();

const answer = (id: number, last: boolean, size = 1): Uint8Array =>
  frame(AnswerFrame.encode({ id, last, body: Echo.encode({ index: id, data: new Uint8Array(size) }) }));

type Client = ProtocolClient<{ count: number; size: number; mode: string }, { index: number; data: Uint8Array }>;
const ASK = { count: 1, size: 1, mode: '' };

async function code(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(PerigeeError);
    return (error as PerigeeError).code;
  }
}

for (const transport of ['tcp', 'webrtc-direct'] as const) {
  const skipped = transport === 'webrtc-direct' && obstacle !== undefined;
  describe.skipIf(skipped)(`a client of a hostile server over ${transport}${skipped ? ` (${obstacle})` : ''}`, () => {
    let clock: TickingClock;
    let host: Host;
    let broken: string[];
    let client: Client;
    let server: Host;
    /** What the server does with each stream, at the first bytes of it. */
    let act: (stream: Stream) => void;
    let streams: number;

    beforeEach(async () => {
      clock = new TickingClock();
      streams = 0;
      act = () => {};
      server = await testServer();
      await server.libp2p.handle(echoProtocol.id, (stream) => {
        streams++;
        const mine = act;
        stream.addEventListener('message', () => mine(stream), { once: true });
      });
      host = await testHost({ clock });
      broken = brokenRules(host);
      client = open(host, addressOf(server, transport), echoProtocol);
    });

    test.each([
      ['a length above the bound', 'FRAME_TOO_LARGE', concat(uvarint(1 << 24), new Uint8Array(10))],
      ['bytes that are no message', 'PARSE', frame(Uint8Array.of(0xff, 0xff))],
      ['an answer to nothing', 'PARSE', answer(99, true)],
      ['a frame that says nothing', 'PARSE', frame(AnswerFrame.encode({ id: 1, last: false }))],
      [
        'an answer that goes on after its error',
        'PARSE',
        frame(AnswerFrame.encode({ id: 1, last: false, error: { code: 'BUSY', message: '' } })),
      ],
      ['more after the last', 'PARSE', concat(answer(1, false), answer(1, true), answer(1, true))],
    ])('%s ends the stream, and the next request gets a new one', async (_what, expected, bytes) => {
      act = (stream) => stream.send(bytes);
      const result = await code(client.callOne(ASK));
      await eventually(() => expect(broken).toEqual([expected]));
      // in the last case both answers of the request came before the offence
      expect([expected, 'PARSE']).toContain(result);
      act = (stream) => stream.send(answer(1, true));
      expect(await client.callOne(ASK)).toMatchObject({ index: 1 });
      expect(streams).toBe(2);
    });

    test('an answer that is no answer fails its request and counts against the peer', async () => {
      act = (stream) => stream.send(frame(AnswerFrame.encode({ id: 1, last: true, body: Uint8Array.of(0xff) })));
      expect(await code(client.callOne(ASK))).toBe('PARSE');
      expect(broken).toEqual(['PARSE']);
    });

    test.each([
      ['NOT_FOUND', 'NOT_FOUND'],
      ['INVENTED', 'REFUSED'],
      ['', 'REFUSED'],
    ])('the code "%s" of a peer arrives as %s, marked as its word', async (sent, expected) => {
      act = (stream) => stream.send(frame(AnswerFrame.encode({ id: 1, last: true, error: { code: sent, message: 'x' } })));
      await expect(client.callOne(ASK)).rejects.toMatchObject({ code: expected, data: { remote: true, peerId: server.peerId } });
      expect(broken).toEqual([]);
    });

    test('a server that says nothing, and then does not end a cancelled request, loses the stream', async () => {
      const silent = client.callOne(ASK, { timeoutMs: 1_000 });
      const result = code(silent);
      await eventually(() => expect(streams).toBe(1));
      await new Promise((resolve) => setTimeout(resolve, 50));
      clock.advance(1_001);
      expect(await result).toBe('TIMEOUT');
      clock.advance(CANCEL_TIMEOUT_MS - 1);
      expect(broken).toEqual([]);
      clock.advance(1);
      await eventually(() => expect(broken).toEqual(['TIMEOUT']));
      act = (stream) => stream.send(answer(1, true));
      expect(await client.callOne(ASK)).toMatchObject({ index: 1 });
    });

    test('requests that it never ends keep no place from others, nor the stream from those that it answers', async () => {
      const sent: Stream[] = [];
      act = (stream) => sent.push(stream);
      const kept = client.callOne(ASK, { timeoutMs: Number.POSITIVE_INFINITY });
      await eventually(() => expect(sent).toHaveLength(1));
      const giveUp = async (): Promise<void> => {
        const stop = new AbortController();
        const given = code(
          client.callOne(ASK, { signal: stop.signal, timeoutMs: Number.POSITIVE_INFINITY, onSent: () => stop.abort() }),
        );
        expect(await given).toBe('ABORTED');
      };
      for (let i = 0; i < MAX_CANCELLED_REQUESTS; i++) await giveUp();
      expect(streams).toBe(1);
      await giveUp(); // one more than it may leave open
      act = (stream) => stream.send(answer(1, true));
      expect(await client.callOne(ASK)).toMatchObject({ index: 1 });
      expect(streams).toBe(2);
      // what was asked on the first stream is answered there, and then it ends
      sent[0]?.send(answer(1, true));
      expect(await kept).toMatchObject({ index: 1 });
      await eventually(() =>
        expect(
          host.libp2p
            .getConnections()
            .flatMap((each) => each.streams)
            .filter(({ protocol }) => protocol === echoProtocol.id),
        ).toHaveLength(1),
      );
      expect(broken).toEqual([]);
    });

    test('a request whose stream ends at any moment while it begins has an end, and gives its place back', async () => {
      const endAll = (): void => {
        for (const each of host.clients.values()) each.close(new PerigeeError('STREAM_CLOSED', 'it ends'));
      };
      // answers the first request of each stream, and no other
      act = (stream) => stream.send(answer(1, true));
      const ends = new Set<string>();
      for (let turns = 0; turns < 8 * MAX_IN_FLIGHT; turns++) {
        expect(await client.callOne(ASK)).toMatchObject({ index: 1 });
        const begun = code(client.callOne(ASK, { timeoutMs: Number.POSITIVE_INFINITY }));
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        endAll();
        ends.add(await begun);
        endAll();
      }
      // before it had a stream, while it had one, and after
      expect(ends).toEqual(new Set(['none', 'STREAM_CLOSED']));
      expect(broken).toEqual([]);
    });

    test('half a frame is not waited for', async () => {
      act = (stream) => stream.send(answer(1, true, 1_000).subarray(0, 500));
      const result = code(client.callOne(ASK, { timeoutMs: Number.POSITIVE_INFINITY }));
      await eventually(() => expect(host.connections()[0]?.bytesIn).toBe(500));
      clock.advance(30_001);
      expect(await result).toBe('TIMEOUT');
      expect(broken).toEqual(['TIMEOUT']);
    });

    test('answers without end are not read ahead of the caller', async () => {
      const sent = { bytes: 0 };
      act = (stream) => {
        const chunk = answer(1, false, 1 << 18);
        const pump = (): void => {
          try {
            while (sent.bytes < 64 << 20 && stream.status === 'open') {
              sent.bytes += chunk.length;
              if (!stream.send(chunk)) {
                stream.addEventListener('drain', () => setTimeout(pump), { once: true });
                return;
              }
            }
          } catch {
            // the client ended the stream
          }
        };
        pump();
      };
      const answers = client.call(ASK);
      await answers.next();
      await new Promise((resolve) => setTimeout(resolve, 500));
      // WebRTC cannot be paused: there libp2p ends the stream when 4 MiB are unread
      expect(host.connections()[0]?.bytesIn).toBeLessThan(6 << 20);
      await answers.return(undefined);
    });

    test('answers of nothing without end are not piled up for a caller that takes its time', async () => {
      const empty = frame(AnswerFrame.encode({ id: 1, last: false, body: new Uint8Array(0) }));
      const many = concat(...Array.from({ length: 10_000 }, () => empty));
      act = (stream) => {
        let left = Math.ceil((8 << 20) / many.length);
        const pump = (): void => {
          while (left-- > 0 && stream.status === 'open') {
            if (stream.send(many)) continue;
            stream.addEventListener('drain', () => setTimeout(pump), { once: true });
            return;
          }
        };
        stream.send(answer(1, false));
        pump();
      };
      const answers = client.call(ASK, { timeoutMs: Number.POSITIVE_INFINITY });
      await answers.next();
      const bytesIn = (): number => host.connections()[0]?.bytesIn ?? 0;
      for (let before = -1; before < bytesIn(); ) {
        before = bytesIn();
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      expect(bytesIn()).toBeLessThan(6 << 20);
      await answers.return(undefined);
    });

    test('a server that ends the stream or dies fails what is under way', async () => {
      act = (stream) => {
        stream.send(answer(1, false));
        void stream.close();
      };
      const answers = client.call(ASK);
      expect((await answers.next()).value).toMatchObject({ index: 1 });
      expect(await code(answers.next())).toBe('STREAM_CLOSED');
      act = () => {
        for (const connection of server.libp2p.getConnections()) connection.abort(new Error('died'));
      };
      const both = Array.from({ length: MAX_IN_FLIGHT }, () => code(client.callOne(ASK)));
      expect(await Promise.all(both)).toEqual(['STREAM_CLOSED', 'STREAM_CLOSED']);
      expect(broken).toEqual([]);
    });

    test('random bytes and damaged answers only ever fail requests', async () => {
      const random = randomOf(onTestFailed);
      for (let round = 0; round < (long ? 500 : 20); round++) {
        act = (stream) => {
          const bytes = random.chance(0.3)
            ? random.bytes(random.between(1, 300))
            : answer(random.below(4), true, random.below(9));
          for (let i = random.below(4); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
          stream.send(bytes);
          void stream.close().catch(() => {});
        };
        await code(client.callOne(ASK));
      }
      await eventually(async () => {
        act = (stream) => stream.send(answer(1, true));
        expect(await client.callOne(ASK)).toMatchObject({ index: 1 });
      });
    });
  });
}
