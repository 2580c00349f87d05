import { equal } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../src/index.ts';
import { BUILDS, loadCodec } from './load.ts';
import { parityRow } from './oracle.ts';
import { Random } from './random.ts';
import { shapes } from './shapes.ts';

for (const build of BUILDS) {
  const codec = await loadCodec(build);
  describe.skipIf(codec === undefined)(`encode, ${build} build`, () => {
    if (codec === undefined) return;

    /** Compare some parity rows with the definition. */
    const agree = (k: number, n: number, rowSize: number, layout: Layout, seed: number, rows: number): boolean => {
      const random = new Random(seed);
      const original = random.bytes(k * rowSize);
      const parity = codec.encode({ original, k, n, rowSize, layout });
      const asked = new Set([0, n - 1, ...random.choose(Math.min(rows, n), n)]);
      return [...asked].every((i) =>
        equal(parity.subarray(i * rowSize, (i + 1) * rowSize), parityRow(original, k, n, rowSize, layout, i)),
      );
    };

    it('agrees with the definition at random shapes', () => {
      const narrow = shapes.map((shape) => ({ ...shape, rowSize: Math.min(shape.rowSize, 128) }));
      fc.assert(
        fc.property(narrow, ({ k, n, rowSize, layout, seed }) => agree(k, n, rowSize, layout, seed, 8)),
        { numRuns: 60 },
      );
    });

    it('agrees with the definition where parity is several times the data and rows have several columns', () => {
      for (const [k, n, rowSize] of [
        [5, 40, 1_088],
        [33, 150, 320],
        [2, 600, 320],
        [4, 1_030, 576], // scales outside of GF(256)
      ] as const) {
        for (const layout of ['high', 'low'] as const) expect(agree(k, n, rowSize, layout, n, 6)).toBe(true);
      }
    });

    it('extends rows where they are', () => {
      // rows a multiple of 4 KiB long have gaps between them
      for (const [k, n, rowSize] of [
        [20, 30, 128],
        [5, 7, 4_096],
        [16, 16, 8_192],
      ] as const) {
        const original = new Random(k).bytes(k * rowSize);
        const room = codec.room({ k, n, rowSize, layout: 'high' });
        for (let i = 0; i < k; i++) room.row(i).set(original.subarray(i * rowSize, (i + 1) * rowSize));
        room.encode();
        const parity = codec.encode({ k, n, rowSize, layout: 'high', original });
        const asked = [0, n - 1];
        for (const i of asked) expect(equal(room.row(k + i), parityRow(original, k, n, rowSize, 'high', i))).toBe(true);
        for (let i = 0; i < n; i++) expect(equal(room.row(k + i), parity.subarray(i * rowSize, (i + 1) * rowSize))).toBe(true);
        for (let i = 0; i < k; i++) expect(equal(room.row(i), original.subarray(i * rowSize, (i + 1) * rowSize))).toBe(true);
        for (const index of [-1, k + n, 0.5, Number.NaN]) expect(() => room.row(index)).toThrow(/there is no row/);
        room.free();
        room.free();
        expect(() => room.row(0)).toThrow('the room was freed');
        expect(() => room.encode()).toThrow('the room was freed');
      }
      expect(() => codec.room({ k: 0, n: 1, rowSize: 64, layout: 'high' })).toThrow(/whole numbers from 1/);
      expect(() => codec.room({ k: 1, n: 1, rowSize: 63, layout: 'high' })).toThrow(/multiple of 64/);
    });

    it('puts parity where it is told to', () => {
      const shape = { k: 20, n: 30, rowSize: 128 };
      const original = new Random(5).bytes(20 * 128);
      const into = new Uint8Array(30 * 128);
      const parity = codec.encode({ ...shape, original, layout: 'high', into });
      expect(parity).toBe(into);
      expect(equal(into, codec.encode({ ...shape, original, layout: 'high' }))).toBe(true);
      const short = () => codec.encode({ ...shape, original, layout: 'high', into: into.subarray(64) });
      expect(short).toThrow(/into has 3776 bytes instead of 3840/);
      const committed = codec.extendAndCommit({
        k: 2,
        n: 2,
        rowSize: 64,
        original: original.subarray(0, 128),
        into: into.subarray(0, 128),
      });
      expect(committed.parity.buffer).toBe(into.buffer);
    });

    it.each<[number, number, Layout]>([
      [1, 1, 'high'],
      [1, 1, 'low'],
      [1, 200, 'high'],
      [200, 1, 'high'],
      [200, 1, 'low'],
      [1024, 3072, 'high'],
      [3072, 1024, 'high'],
      [4096, 12_288, 'high'],
      [5000, 300, 'high'],
      [300, 5000, 'low'],
      [32_768, 32_768, 'high'],
      [32_768, 32_768, 'low'],
      [61_440, 4096, 'high'],
      [4096, 61_440, 'low'],
    ])('agrees with the definition at %i + %i, %s', (k, n, layout) => {
      expect(agree(k, n, 64, layout, k + n, 2)).toBe(true);
    });
  });
}
