import { blobFee, blobGeometry } from '@perigee/light-core/da';
import type { PerigeeError } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const pricing = { daPrice: 3n, epochBlocks: 10 };
const rows = { k: 64, n: 192, rowSize: 128 };
const epoch = 3n * 256n * 128n;

describe('the fee of a blob', () => {
  it('counts every byte of its rows for each epoch that is begun', () => {
    expect(blobFee(rows, pricing, 100, 101)).toBe(epoch);
    expect(blobFee(rows, pricing, 100, 110)).toBe(epoch);
    expect(blobFee(rows, pricing, 100, 111)).toBe(2n * epoch);
    expect(blobFee(rows, pricing, 105, 125)).toBe(2n * epoch);
    expect(blobFee(blobGeometry(32_505_852, 4), { daPrice: 1n, epochBlocks: 600 }, 1, 2)).toBe(4096n * 4n * 8000n);
  });

  it('is nothing for no time, and on chains without a price', () => {
    expect(blobFee(rows, pricing, 100, 100)).toBe(0n);
    expect(blobFee(rows, pricing, 100, 50)).toBe(0n);
    expect(blobFee(rows, { ...pricing, daPrice: 0n }, 100, 200)).toBe(0n);
  });

  it('does not fall with time, and is exact where floating numbers are not', () => {
    expect(blobFee(rows, { daPrice: (1n << 100n) + 1n, epochBlocks: 1 }, 0, Number.MAX_SAFE_INTEGER)).toBe(
      ((1n << 100n) + 1n) * 256n * 128n * BigInt(Number.MAX_SAFE_INTEGER),
    );
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 1e6 }), (from, first, more, epochBlocks) => {
        const until = (height: number) => blobFee(rows, { daPrice: 1n, epochBlocks }, from, height);
        const [short, long] = [until(from + first), until(from + first + more)];
        expect(long).toBeGreaterThanOrEqual(short);
        // paying in two pieces costs at most one epoch more, and never less
        const pieces = short + blobFee(rows, { daPrice: 1n, epochBlocks }, from + first, from + first + more);
        expect(pieces).toBeGreaterThanOrEqual(long);
        expect(pieces - long).toBeLessThanOrEqual(256n * 128n);
      }),
    );
  });

  it('refuses numbers that are none', () => {
    const wrong = [Number.NaN, -1, 0.5, 2 ** 53];
    for (const x of wrong) {
      const calls = [
        () => blobFee({ ...rows, k: x }, pricing, 1, 2),
        () => blobFee({ ...rows, rowSize: x }, pricing, 1, 2),
        () => blobFee(rows, { ...pricing, epochBlocks: x }, 1, 2),
        () => blobFee(rows, pricing, x, 2),
        () => blobFee(rows, pricing, 1, x),
      ];
      for (const call of calls)
        expect(call).toThrow(expect.objectContaining<Partial<PerigeeError>>({ code: 'INVALID_ARGUMENT' }));
    }
    expect(() => blobFee(rows, { ...pricing, epochBlocks: 0 }, 1, 2)).toThrow();
  });
});
