import type { Stream } from '@libp2p/interface';
import { concat, uvarint } from '@perigee/wire';
import { collectGarbage } from '@perigee/workers';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { FrameReader } from '../src/frame-reader.ts';
import { createHost, type Host, systemClock } from '../src/index.ts';
import { rawStream } from './fixtures.ts';
import { frame } from './protocols.ts';

const long = process.env.PERIGEE_LONG === '1';
const PROTOCOL = '/test/frames/1';
let server: Host;
let sender: Host;
let accept: (stream: Stream) => void = () => {};

beforeAll(async () => {
  server = await createHost({ allowPrivate: true, listen: { host: '127.0.0.1', tcp: 0 } });
  sender = await createHost({ allowPrivate: true });
  await server.libp2p.handle(PROTOCOL, (stream) => accept(stream), { maxInboundStreams: 1_000 });
});

afterAll(async () => {
  await Promise.all([server.stop(), sender.stop()]);
});

/** What a reader makes of bytes that arrive in pieces. */
async function read(pieces: readonly Uint8Array[], maxFrameBytes: number): Promise<{ frames: Uint8Array[]; end: string }> {
  const arrived = new Promise<Stream>((resolve) => {
    accept = resolve;
  });
  const stream = await rawStream(sender, server, 'tcp', PROTOCOL);
  const send = (async () => {
    for (const piece of pieces) {
      if (piece.length > 0) stream.send(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await stream.close();
  })().catch(() => {});
  const reader = new FrameReader(await arrived, { maxFrameBytes, clock: systemClock, onBytes: () => {} });
  const frames: Uint8Array[] = [];
  let end = 'end';
  try {
    for (let next = await reader.next(); next !== undefined; next = await reader.next()) frames.push(next);
  } catch (error) {
    end = (error as { code: string }).code;
  }
  await send;
  stream.abort(new Error('done'));
  return { frames, end };
}

/** Bytes of objects and buffers, after what nobody needs is gone. */
function memoryInUse(): number {
  collectGarbage('all');
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((to, i) => bytes.subarray(at[i], to));
}

test('frames come out as they went in, wherever the bytes are cut', async () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 5_000 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(bodies, fc.array(fc.nat(), { maxLength: 8 }), async (sent, places) => {
      const { frames, end } = await read(cut(concat(...sent.map(frame)), places), 5_000);
      expect(end).toBe('end');
      expect(frames).toEqual(sent.map((body) => Uint8Array.from(body)));
      for (const { buffer, length } of frames) expect(buffer.byteLength).toBe(length);
    }),
    { numRuns: long ? 500 : 40 },
  );
});

test('a stream that is cut off inside a frame is an error, between frames it is the end', async () => {
  const bytes = concat(frame(new Uint8Array(300)), frame(new Uint8Array(10)));
  expect((await read([bytes.subarray(0, 302)], 300)).end).toBe('end');
  for (const length of [1, 2, 301, 303, 312]) {
    expect((await read([bytes.subarray(0, length)], 300)).end).toBe('STREAM_CLOSED');
  }
});

test('the bound is exact', async () => {
  expect(await read([frame(new Uint8Array(300))], 300)).toEqual({ frames: [new Uint8Array(300)], end: 'end' });
  expect(await read([frame(new Uint8Array(301))], 300)).toEqual({ frames: [], end: 'FRAME_TOO_LARGE' });
});

test('a frame that comes byte by byte takes about its own bytes of memory', async () => {
  const bytes = 50_000;
  const arrived = new Promise<Stream>((resolve) => {
    accept = resolve;
  });
  const stream = await rawStream(sender, server, 'tcp', PROTOCOL);
  let received = 0;
  const onBytes = (count: number): void => {
    received += count;
  };
  const reader = new FrameReader(await arrived, { maxFrameBytes: bytes, clock: systemClock, onBytes });
  const sent = Uint8Array.from({ length: bytes }, (_, i) => i);
  const sendSingly = async (from: number, to: number): Promise<void> => {
    const due = received + to - from;
    for (let i = from; i < to; i++) {
      stream.send(sent.slice(i, i + 1));
      if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => expect(received).toBe(due));
  };
  const next = reader.next();
  stream.send(uvarint(bytes));
  await eventually(() => expect(received).toBe(3));
  await sendSingly(0, 20_000); // the engine and the transport have by then what they keep
  const before = memoryInUse();
  await sendSingly(20_000, bytes - 1);
  expect((memoryInUse() - before) / (bytes - 20_000)).toBeLessThan(40); // as objects of their own they take more than 150 each
  await sendSingly(bytes - 1, bytes);
  expect(await next).toEqual(sent);
  stream.abort(new Error('done'));
});
