import { equal, PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type Codec, openRow, type RowShape } from '../src/index.ts';
import { BUILDS, loadCodec } from './load.ts';
import { Random } from './random.ts';

const SHAPE = { k: 64, n: 192, rowSize: 128 };

/** A committed blob: its rows with their paths, and the codec's view of it. */
function blobOf(codec: Codec, shape: RowShape, random = new Random(7)) {
  const { k, n, rowSize } = shape;
  const original = random.bytes(k * rowSize);
  const made = codec.extendAndCommit({ ...shape, original });
  const all = new Uint8Array((k + n) * rowSize);
  all.set(original);
  all.set(made.parity, original.length);
  const proof = (index: number) => ({
    index,
    row: all.slice(index * rowSize, (index + 1) * rowSize),
    path: openRow(made.tree, index),
  });
  return { original, made, proof, primed: codec.prime(made), random };
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return PerigeeError.from(error).code;
  }
  return undefined;
}

for (const build of BUILDS) {
  const codec = await loadCodec(build);
  describe.skipIf(codec === undefined)(`collecting rows, ${build} build`, () => {
    if (codec === undefined) return;

    it.each<[string, RowShape, (k: number, n: number, random: Random) => number[]]>([
      ['all originals', SHAPE, (k) => [...Array(k).keys()]],
      ['parity alone', SHAPE, (k, n) => Array.from({ length: k }, (_, i) => n + i)],
      ['some of both', SHAPE, (k, n, random) => random.choose(k, k + n)],
      ['more than enough', SHAPE, (k, n, random) => random.choose(2 * k, k + n)],
      ['every row', SHAPE, (k, n) => [...Array(k + n).keys()]],
      ['2×', { k: 256, n: 256, rowSize: 192 }, (k, n, random) => random.choose(k, k + n)],
      ['8×', { k: 64, n: 448, rowSize: 64 }, (k, n, random) => random.choose(k, k + n)],
    ])('%s gives the data back, checked', (_, shape, chosen) => {
      const { k, n } = shape;
      const { original, proof, primed, random } = blobOf(codec, shape);
      const rows = codec.collect(primed);
      const indices = chosen(k, n, random);
      for (let at = 0; at < indices.length; at += 50) {
        const codes = rows.add(indices.slice(at, at + 50).map(proof));
        expect(codes.every((code) => code === undefined)).toBe(true);
      }
      expect(rows.size).toBe(indices.length);
      expect(rows.originals).toBe(indices.filter((index) => index < k).length);
      rows.restore();
      expect(equal(rows.view(), original)).toBe(true);
      expect(equal(rows.read(5, 777), original.subarray(5, 777))).toBe(true);
      expect(equal(rows.sha256(5, 777), codec.sha256(original.subarray(5, 777)))).toBe(true);
      rows.free();
      primed.free();
    });

    it('keeps no row that is not verified, and none twice', () => {
      const { original, proof, primed } = blobOf(codec, SHAPE);
      const rows = codec.collect(primed);
      const wrong = proof(3);
      wrong.row[0] = (wrong.row[0] ?? 0) ^ 1;
      expect(rows.add([wrong, { ...proof(4), index: 5 }, { ...proof(6), index: 999 }, proof(7), proof(7)])).toEqual([
        'ROW_PATH',
        'ROW_PATH',
        'ROW_INDEX',
        undefined,
        undefined,
      ]);
      expect(rows.size).toBe(1);
      expect(codeOf(() => rows.restore())).toBe('NOT_ENOUGH_ROWS');
      rows.add(Array.from({ length: SHAPE.k - 1 }, (_, i) => proof(100 + i)));
      rows.restore();
      expect(equal(rows.view(), original)).toBe(true);
      expect(codeOf(() => rows.add([proof(1)]))).toBe('INVALID_ARGUMENT');
    });

    it('refuses what is no codeword, though its rows are under its root', () => {
      // originals and parity that do not belong together, committed to as if they did: parity rows fail the combination, originals hold
      const { original, made, random } = blobOf(codec, SHAPE);
      const false_ = codec.commit({ ...SHAPE, original, parity: random.bytes(made.parity.length) });
      const primed = codec.prime(false_);
      const rows = codec.collect(primed);
      const { rowSize } = SHAPE;
      const proofs = Array.from({ length: SHAPE.k }, (_, index) => ({
        index,
        row: original.slice(index * rowSize, (index + 1) * rowSize),
        path: openRow(false_.tree, index),
      }));
      expect(rows.add(proofs).every((code) => code === undefined)).toBe(true);
      expect(codeOf(() => rows.restore())).toBe('COMMITMENT_MISMATCH');
      expect(codeOf(() => rows.read(0, 1))).toBe('INVALID_ARGUMENT');
      expect(codeOf(() => rows.restore())).toBe('NOT_ENOUGH_ROWS');
    });

    it('gives nothing before it is restored or after it was freed, and never what is not there', () => {
      const { proof, primed } = blobOf(codec, SHAPE);
      const rows = codec.collect(primed);
      expect(codeOf(() => rows.view())).toBe('INVALID_ARGUMENT');
      rows.add(Array.from({ length: SHAPE.k }, (_, i) => proof(i)));
      rows.restore();
      for (const [from, to] of [
        [-1, 4],
        [5, 4],
        [0, SHAPE.k * SHAPE.rowSize + 1],
        [0.5, 4],
      ] as const) {
        expect(codeOf(() => rows.read(from, to))).toBe('INVALID_ARGUMENT');
      }
      rows.free();
      rows.free();
      for (const act of [
        () => rows.view(),
        () => rows.read(0, 1),
        () => rows.sha256(0, 1),
        () => rows.add([]),
        () => rows.restore(),
      ]) {
        expect(codeOf(act)).toBe('INVALID_ARGUMENT');
      }
      primed.free();
      expect(codeOf(() => codec.collect(primed))).toBe('INVALID_ARGUMENT');
    });
  });
}
