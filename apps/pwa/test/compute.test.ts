import { utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { batchesOf, MAX_TEXTS, nearest, vectorsOf } from '../src/requests/compute/embedded.ts';
import { GrowingText } from '../src/requests/compute/exchange.ts';

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe('sentences that are embedded', () => {
  it('go out in as few requests as there may be, in their order', () => {
    const texts = Array.from({ length: MAX_TEXTS }, (_, i) => `sentence ${i}`);
    const batches = batchesOf(texts);
    expect(batches.map(({ length }) => length)).toEqual([256, 256, 256, 232]);
    expect(batches.flat()).toEqual(texts);
    expect(batchesOf(['a'.repeat(40_000), 'b'.repeat(40_000)])).toHaveLength(2);
  });

  it('are refused when they are none, too many or too long', () => {
    const refused = (texts: readonly string[]) =>
      expect(() => batchesOf(texts)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    refused([]);
    refused(Array.from({ length: MAX_TEXTS + 1 }, () => 'x'));
    refused(['x'.repeat(70_000)]);
  });

  it('come back as vectors of length one, as many and as long as was asked for', () => {
    const [vector] = vectorsOf([floats(3, 4)], 1, 2);
    expect([...(vector ?? [])].map((value) => Math.round(10 * value))).toEqual([6, 8]);
    // what has no direction is like nothing
    expect([...(vectorsOf([floats(0, Number.NaN)], 1, 2)[0] ?? [])]).toEqual([0, 0]);
    expect(() => vectorsOf([floats(1, 2)], 2, 2)).toThrow(expect.objectContaining({ code: 'PARSE' }));
    expect(() => vectorsOf([floats(1)], 1, 2)).toThrow(expect.objectContaining({ code: 'PARSE' }));
  });

  it('are found by the angle between meanings, the nearest first', () => {
    const vectors = vectorsOf([floats(1, 0), floats(0, 1), floats(1, 1)], 3, 2);
    const [query] = vectorsOf([floats(2, 0.1)], 1, 2);
    expect(nearest(query ?? new Float32Array(2), ['east', 'north', 'between'], vectors).map(({ text }) => text)).toEqual([
      'east',
      'between',
      'north',
    ]);
  });
});

describe('an answer while it comes', () => {
  it('is verified up to the pieces that are signed for, also where a character lies in two', () => {
    const text = new GrowingText();
    const [first, second] = [utf8('tide€').subarray(0, 6), utf8('tide€').subarray(6)];
    text.push(first);
    text.push(second);
    text.push(utf8(' and moon'));
    expect([text.verified, text.unverified]).toEqual(['', 'tide€ and moon']);
    text.verify(7);
    expect([text.verified, text.unverified]).toEqual(['tide€', ' and moon']);
    // half a piece is not verified
    text.verify(9);
    expect(text.unverified).toBe(' and moon');
    text.verify(16);
    expect([text.verified, text.unverified]).toEqual(['tide€ and moon', '']);
  });
});
