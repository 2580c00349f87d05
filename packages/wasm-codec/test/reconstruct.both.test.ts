import { equal } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../src/index.ts';
import { BUILDS, loadCodec } from './load.ts';
import { Random } from './random.ts';
import { LONG, shapes } from './shapes.ts';

for (const build of BUILDS) {
  const codec = await loadCodec(build);
  describe.skipIf(codec === undefined)(`reconstruct, ${build} build`, () => {
    if (codec === undefined) return;

    /** Encode, keep the rows at `kept`, reconstruct, compare. */
    const survives = (
      shape: { k: number; n: number; rowSize: number; layout: Layout },
      random: Random,
      kept: readonly number[],
    ): boolean => {
      const { k, rowSize } = shape;
      const original = random.bytes(k * rowSize);
      const parity = codec.encode({ ...shape, original });
      const rows = new Map(
        kept.map((i) => [
          i,
          i < k ? original.subarray(i * rowSize, (i + 1) * rowSize) : parity.subarray((i - k) * rowSize, (i - k + 1) * rowSize),
        ]),
      );
      return equal(codec.reconstruct({ ...shape, rows }), original);
    };

    it('brings back the original rows of random shapes from random rows', { timeout: 1_800_000 }, () => {
      fc.assert(
        fc.property(shapes, ({ seed, ...shape }) => {
          const random = new Random(seed);
          const { k, n } = shape;
          // most often exactly K rows, else a few more
          const extra = random.below(3) === 0 ? random.below(n + 1) : 0;
          return survives(shape, random, random.choose(k + extra, k + n));
        }),
        { numRuns: LONG ? 2_000 : 50 },
      );
    });

    it.each<[string, Layout, number, number]>([
      ['a blob of 1024 at 4×', 'high', 1024, 3072],
      ['more originals than parity', 'high', 700, 40],
      ['many originals, little parity', 'high', 3000, 1000],
      ['the low layout', 'low', 700, 1500],
    ])('brings them back from parity as far as it goes: %s', (_, layout, k, n) => {
      const kept = Array.from({ length: k }, (_, i) => k + n - 1 - i);
      expect(survives({ k, n, rowSize: 128, layout }, new Random(k), kept)).toBe(true);
    });

    it('brings back few rows one by one, and one more than few, of odd shapes', () => {
      const odd: [Layout, number, number, number][] = [
        ['high', 37, 19, 192],
        ['high', 21, 300, 1_088],
        ['low', 300, 21, 2_112],
        ['low', 17, 65, 64],
      ];
      for (const [layout, k, n, rowSize] of odd) {
        for (const missing of [1, 2, 7, 8, 9, 10]) {
          const random = new Random(1_000 * k + missing);
          const lost = new Set(random.choose(missing, k));
          const originals = Array.from({ length: k }, (_, i) => i).filter((i) => !lost.has(i));
          const parity = random.choose(missing, n).map((i) => k + i);
          expect(survives({ k, n, rowSize, layout }, random, [...originals, ...parity])).toBe(true);
        }
      }
    });

    it('gives the same from the same pattern again, and after many others', () => {
      const shape = { k: 40, n: 1_500, rowSize: 64, layout: 'high' } as const; // 2,048 positions and more: 4 KiB a locator
      const kept = (seed: number) => new Random(seed).choose(shape.k, shape.k + shape.n);
      for (let seed = 0; seed < 300; seed++) expect(survives(shape, new Random(seed), kept(seed % 290))).toBe(true);
    });

    it('brings back the largest codes of the field', () => {
      const random = new Random(1);
      expect(survives({ k: 32_768, n: 32_768, rowSize: 64, layout: 'high' }, random, random.choose(32_768, 65_536))).toBe(true);
      expect(survives({ k: 4096, n: 61_440, rowSize: 64, layout: 'low' }, random, random.choose(4096, 65_536))).toBe(true);
    });
  });
}
