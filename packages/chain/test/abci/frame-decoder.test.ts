import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../../tests/kit/index.ts';
import { FrameDecoder } from '../../src/abci/frame-decoder.ts';
import { frame, prefix } from './client.ts';

/** All frames that are whole. */
function framesOf(decoder: FrameDecoder): Buffer[] {
  const out: Buffer[] = [];
  for (let next = decoder.next(); next !== undefined; next = decoder.next()) out.push(Buffer.from(next));
  return out;
}

describe('frames', () => {
  it('are the same however they are cut', ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    for (let round = 0; round < 200; round++) {
      const sent = Array.from({ length: random.between(1, 12) }, () =>
        Buffer.from(random.bytes(random.pick([0, 1, 2, 127, 128, 300, 70_000]))),
      );
      const stream = Buffer.concat(sent.map(frame));
      const decoder = new FrameDecoder(100_000);
      const got: Buffer[] = [];
      for (let at = 0; at < stream.length; ) {
        const size = Math.min(stream.length - at, random.pick([1, 2, 3, 500, 60_000, 200_000]));
        decoder.push(stream.subarray(at, at + size));
        // sometimes others come before these are taken
        if (random.chance(0.7)) got.push(...framesOf(decoder));
        at += size;
      }
      got.push(...framesOf(decoder));
      expect(got.map((body) => body.toString('hex'))).toEqual(sent.map((body) => body.toString('hex')));
    }
  });

  it('of any length are announced for free, and cost at most twice what has come', () => {
    const most = 2 ** 34;
    const before = process.memoryUsage().arrayBuffers;
    const decoder = new FrameDecoder(most);
    decoder.push(prefix(most));
    expect(decoder.next()).toBeUndefined();
    // a piece of one byte each, which alone would take far more than a byte
    for (let i = 0; i < 200_000; i++) {
      decoder.push(Buffer.of(i));
      expect(decoder.next()).toBeUndefined();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });

  it.each([
    ['one byte above the bound', prefix(1_001), 'FRAME_TOO_LARGE', /announces 1001 bytes; at most 1000/],
    ['2^31 - 1', prefix(2 ** 31 - 1), 'FRAME_TOO_LARGE', /announces 2147483647 bytes/],
    ['a length without end', Buffer.alloc(5, 0xff), 'FRAME_TOO_LARGE', /2\^35 bytes or more/],
    ['a length with a useless byte', Buffer.of(0x81, 0x00), 'PARSE', /varint at byte 0 is longer/],
  ])('refuses %s before anything of it has come', (_, bytes, code, words) => {
    const decoder = new FrameDecoder(1_000);
    decoder.push(bytes);
    let thrown: unknown;
    try {
      decoder.next();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(PerigeeError);
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(words) });
  });

  it('of exactly the bound are read, and empty ones too', () => {
    const decoder = new FrameDecoder(1_000);
    decoder.push(Buffer.concat([frame(Buffer.alloc(1_000, 7)), frame(Buffer.alloc(0)), prefix(1_000)]));
    expect(framesOf(decoder).map(({ length }) => length)).toEqual([1_000, 0]);
  });
});
