import { type FileTree, fileTreeOf, nobleFileHash, proveSegment, verifySegment } from '@perigee/light-core/storage';
import { FILE_CHUNK_BYTES, FILE_SEGMENT_BYTES, type SegmentAnswer, toHex } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';
import { kernelHash, sampleBytes } from './sample.ts';

const hash = await kernelHash();
const LONG = process.env.PERIGEE_LONG === '1';

interface Sample {
  readonly data: Uint8Array;
  readonly tree: FileTree;
}
const sampleOf = (length: number, seed: number): Sample => {
  const data = sampleBytes(length, seed);
  return { data, tree: fileTreeOf(data, hash) };
};
/** A segment as an honest node sends it. */
function answerOf({ data, tree }: Sample, index: number): SegmentAnswer {
  const bytes = data.subarray(index * FILE_SEGMENT_BYTES, (index + 1) * FILE_SEGMENT_BYTES);
  const whole = new Uint8Array(Math.ceil(bytes.length / FILE_CHUNK_BYTES) * FILE_CHUNK_BYTES);
  whole.set(bytes);
  return { index, data: whole, proof: proveSegment(tree, index) };
}
const nameOf = ({ data, tree }: Sample) => ({ root: tree.root, length: data.length });
const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/** Lengths in segments: one, several, and such that some segments are padding alone (17 of 18, 33 of 36). */
const LENGTHS = [
  1,
  300,
  FILE_SEGMENT_BYTES,
  FILE_SEGMENT_BYTES + 1,
  5.4 * FILE_SEGMENT_BYTES,
  16.5 * FILE_SEGMENT_BYTES,
  32.1 * FILE_SEGMENT_BYTES,
].map(Math.floor);

describe.each(LENGTHS)('segments of a file of %i bytes', (length) => {
  const sample = sampleOf(length, length);
  const { geometry } = sample.tree;

  it('hold, each at its place, and give the bytes of the file', () => {
    for (let index = 0; index < geometry.segments; index++) {
      const bytes = verifySegment(nameOf(sample), answerOf(sample, index), hash);
      const due = sample.data.subarray(index * FILE_SEGMENT_BYTES, (index + 1) * FILE_SEGMENT_BYTES);
      expect(Buffer.compare(bytes, due)).toBe(0);
    }
  });

  it('fail with any hash, side, length or place of the proof changed', () => {
    const indices = [0, Math.floor(geometry.segments / 2), geometry.segments - 1];
    for (const index of indices) {
      const answer = answerOf(sample, index);
      const { lemma, path } = answer.proof;
      const check = (proof: Partial<SegmentAnswer['proof']>) =>
        codeOf(() => verifySegment(nameOf(sample), { ...answer, proof: { ...answer.proof, ...proof } }, hash));
      lemma.forEach((one, i) => {
        for (const at of [0, 31]) expect(check({ lemma: lemma.with(i, flip(one, at)) })).toBe('FILE_PROOF');
        expect(check({ lemma: lemma.toSpliced(i, 1) })).toBe('FILE_PROOF');
        expect(check({ lemma: lemma.toSpliced(i, 0, one) })).toBe('FILE_PROOF');
        expect(check({ lemma: lemma.with(i, one.subarray(1)) })).toBe('FILE_PROOF');
      });
      path.forEach((side, i) => {
        expect(check({ path: path.with(i, !side) })).toBe('FILE_PROOF');
        expect(check({ path: path.toSpliced(i, 1) })).toBe('FILE_PROOF');
      });
      expect(check({ path: [...path, true] })).toBe('FILE_PROOF');
      expect(check({ lemma: [], path: [] })).toBe('FILE_PROOF');
      // the short form of a file of one segment, for a file of several
      if (geometry.paddedSegments > 1) expect(check({ lemma: [sample.tree.root], path: [] })).toBe('FILE_PROOF');
    }
  });

  it('fail as another segment, of another file, and with other data', () => {
    const index = geometry.segments - 1;
    const answer = answerOf(sample, index);
    const check = (file: { root?: Uint8Array; length?: number }, other: Partial<SegmentAnswer> = {}) =>
      codeOf(() => verifySegment({ ...nameOf(sample), ...file }, { ...answer, ...other }, hash));
    expect(check({ root: flip(sample.tree.root, 5) })).toBe('FILE_PROOF');
    for (const at of [0, answer.data.length - 1]) expect(check({}, { data: flip(answer.data, at) })).toBe('FILE_PROOF');
    for (const data of [
      answer.data.subarray(1),
      answer.data.subarray(FILE_CHUNK_BYTES),
      new Uint8Array(answer.data.length + 256),
    ]) {
      expect(check({}, { data })).toBe('SEGMENT_SIZE');
    }
    for (const wrong of [-1, index + 1, 0.5, Number.NaN, 2 ** 53]) expect(check({}, { index: wrong })).toBe('SEGMENT_INDEX');
    for (let other = 0; other < index; other++) {
      expect(['FILE_PROOF', 'SEGMENT_SIZE']).toContain(check({}, { index: other }));
    }
  });
});

describe('the length', () => {
  it('of another chunk count is refused by the size of the last segment', () => {
    const sample = sampleOf(600_000, 1);
    const answer = answerOf(sample, 2);
    for (const length of [600_000 + 256, 600_000 - 256]) {
      expect(codeOf(() => verifySegment({ root: sample.tree.root, length }, answer, hash))).toBe('SEGMENT_SIZE');
    }
  });

  it('cuts the last segment: the root does not cover it', () => {
    const sample = sampleOf(600_000, 1);
    const short = verifySegment({ root: sample.tree.root, length: 599_999 }, answerOf(sample, 2), hash);
    expect(short.length).toBe(599_999 - 2 * FILE_SEGMENT_BYTES);
  });
});

describe('padding', () => {
  it('that is not zeros is refused, though the root covers it', () => {
    // 17 segments with data, one of padding, in which the submitter put something
    const sample = sampleOf(16.5 * FILE_SEGMENT_BYTES, 9);
    const bytes = new Uint8Array(18 * FILE_SEGMENT_BYTES);
    bytes.set(sample.data);
    bytes[17 * FILE_SEGMENT_BYTES] = 1;
    const forged = { data: sample.data, tree: fileTreeOf(bytes, hash) };
    expect(forged.tree.geometry.paddedSegments).toBe(sample.tree.geometry.paddedSegments);
    const answer = answerOf(forged, 16);
    expect(codeOf(() => verifySegment(nameOf(forged), answer, hash))).toBe('FILE_PROOF');
    expect(
      codeOf(() =>
        verifySegment(
          { root: forged.tree.root, length: bytes.length },
          { ...answerOf({ data: bytes, tree: forged.tree }, 16) },
          hash,
        ),
      ),
    ).toBe('none');
  });
});

it('segments of any file hold with the reference hash, and proofs of others do not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_000_000 }), fc.integer(), fc.nat(), (length, seed, pick) => {
      const sample = sampleOf(length, seed);
      const { segments } = sample.tree.geometry;
      const answer = answerOf(sample, pick % segments);
      const bytes = verifySegment(nameOf(sample), answer, nobleFileHash);
      const from = answer.index * FILE_SEGMENT_BYTES;
      expect(toHex(bytes.subarray(0, 64))).toBe(toHex(sample.data.subarray(from, from + Math.min(64, bytes.length))));
      if (segments === 1) return;
      const other = proveSegment(sample.tree, (answer.index + 1) % segments);
      expect(codeOf(() => verifySegment(nameOf(sample), { ...answer, proof: other }, hash))).toBe('FILE_PROOF');
    }),
    { numRuns: LONG ? 300 : 10 },
  );
});
