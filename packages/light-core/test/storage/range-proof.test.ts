import { FileTreeBuilder, fileTreeOf, HashTree, paddedSegmentChunks, proveRange, verifyRange } from '@perigee/light-core/storage';
import { FILE_CHUNK_BYTES, FILE_SEGMENT_BYTES, FILE_SEGMENT_CHUNKS, toHex } from '@perigee/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';
import { kernelHash, sampleBytes } from './sample.ts';

const hash = await kernelHash();
const LONG = process.env.PERIGEE_LONG === '1';

function fileOf(length: number, seed: number) {
  const data = sampleBytes(length, seed);
  const tree = fileTreeOf(data, hash);
  const inner = (segment: number) => {
    const chunks = paddedSegmentChunks(tree.geometry, segment);
    const bytes = data.subarray(segment * FILE_SEGMENT_BYTES, (segment + 1) * FILE_SEGMENT_BYTES);
    return new HashTree(hash.levels(bytes, chunks), chunks);
  };
  const chunksOf = (first: number, count: number) => {
    const out = new Uint8Array(count * FILE_CHUNK_BYTES);
    out.set(data.subarray(first * FILE_CHUNK_BYTES, (first + count) * FILE_CHUNK_BYTES));
    return out;
  };
  return { data, tree, inner, chunksOf, name: { root: tree.root, length } };
}

const ranges = fc
  .record({
    length: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 5_000_000 })),
    seed: fc.integer(),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    size: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map(({ length, seed, at, size }) => {
    const chunks = Math.ceil(length / FILE_CHUNK_BYTES);
    const first = Math.floor(at * chunks);
    return { length, seed, range: { first, count: 1 + Math.floor(size * (chunks - first)) } };
  });

it('a run of chunks is proved wherever it lies, and nothing of its proof can be changed', () => {
  fc.assert(
    fc.property(ranges, fc.nat(), ({ length, seed, range }, pick) => {
      const { data, tree, inner, chunksOf, name } = fileOf(length, seed);
      const { first, count } = range;
      const bytes = chunksOf(first, count);
      const asked: number[] = [];
      const proof = proveRange(tree, range, (segment) => {
        asked.push(segment);
        return inner(segment);
      });
      const ends = [first, first + count - 1].map((chunk) => Math.floor(chunk / FILE_SEGMENT_CHUNKS));
      expect(asked.every((segment) => ends.includes(segment))).toBe(true);
      const got = verifyRange(name, range, bytes, proof, hash);
      const due = data.subarray(first * FILE_CHUNK_BYTES, (first + count) * FILE_CHUNK_BYTES);
      expect(Buffer.compare(got, due)).toBe(0);

      const code = (wrong: { range?: typeof range; bytes?: Uint8Array; proof?: typeof proof }) =>
        codeOf(() => verifyRange(name, wrong.range ?? range, wrong.bytes ?? bytes, wrong.proof ?? proof, hash));
      const at = pick % bytes.length;
      expect(code({ bytes: bytes.map((byte, i) => (i === at ? byte ^ 128 : byte)) })).toBe('FILE_PROOF');
      expect(code({ proof: [...proof, new Uint8Array(32)] })).toBe('FILE_PROOF');
      if (proof.length > 0) {
        const i = pick % proof.length;
        expect(
          code({
            proof: proof.with(
              i,
              (proof[i] as Uint8Array).map((byte, j) => (j === pick % 32 ? byte ^ 1 : byte)),
            ),
          }),
        ).toBe('FILE_PROOF');
        expect(code({ proof: proof.toSpliced(i, 1) })).toBe('FILE_PROOF');
      }
      // the same bytes somewhere else
      const moved = { first: first === 0 ? 1 : first - 1, count };
      const isThere = moved.first + count <= tree.geometry.chunks;
      expect(code({ range: moved })).toBe(isThere ? 'FILE_PROOF' : 'SEGMENT_INDEX');
    }),
    { numRuns: LONG ? 500 : 25 },
  );
});

it('refuses runs that the file does not have', () => {
  const { name, tree, inner } = fileOf(1_000, 1);
  for (const range of [
    { first: 0, count: 0 },
    { first: 0, count: 5 },
    { first: 4, count: 1 },
    { first: -1, count: 1 },
    { first: 0.5, count: 1 },
    { first: Number.NaN, count: 1 },
    { first: 2 ** 53, count: 1 },
  ]) {
    expect(codeOf(() => verifyRange(name, range, new Uint8Array(256), [], hash))).toBe('SEGMENT_INDEX');
    expect(codeOf(() => proveRange(tree, range, inner))).toBe('SEGMENT_INDEX');
  }
  expect(codeOf(() => verifyRange(name, { first: 0, count: 2 }, new Uint8Array(511), [], hash))).toBe('SEGMENT_SIZE');
});

it('needs no hashes of the zeros behind a file', () => {
  // 17 segments with data of 18: the last run has the 16 before it beside it, and nothing behind
  const builder = new FileTreeBuilder(hash);
  const data = sampleBytes(17 * FILE_SEGMENT_BYTES, 2);
  builder.write(data);
  const tree = builder.finish();
  const range = { first: 16 * FILE_SEGMENT_CHUNKS, count: FILE_SEGMENT_CHUNKS };
  const proof = proveRange(tree, range, () => {
    throw new Error('no node inside of a segment is needed');
  });
  expect(proof.map(toHex)).toEqual([toHex(tree.segments.node(4, 0))]);
  const bytes = data.subarray(16 * FILE_SEGMENT_BYTES);
  expect(verifyRange({ root: tree.root, length: data.length }, range, bytes, proof, hash)).toHaveLength(FILE_SEGMENT_BYTES);
});
