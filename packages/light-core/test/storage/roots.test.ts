import { readFileSync } from 'node:fs';
import {
  checkSubmission,
  dataRootOf,
  FileTreeBuilder,
  fileGeometry,
  fileTreeOf,
  HashTree,
  nobleFileHash,
  sectorsOf,
  submissionIdentity,
  submissionOf,
  zeroHash,
} from '@perigee/light-core/storage';
import { concat, FILE_CHUNK_BYTES, MAX_FILE_BYTES, toHex, utf8 } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';
import { kernelHash, sampleBytes } from './sample.ts';

const vectors = JSON.parse(readFileSync(new URL('../../../../tests/vectors/storage-roots.json', import.meta.url), 'utf8'));
const kernel = await kernelHash();
const LONG = process.env.PERIGEE_LONG === '1';
/** Longest file that noble is asked for here, bytes. */
const NOBLE_BYTES = 1_000_000;

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

describe('published roots', () => {
  it.each<{ height: number; hash: string }>(vectors.zeros.hashes)('zeros of height $height', ({ height, hash }) => {
    expect(toHex(zeroHash(height))).toBe(hash);
  });

  it.each<{ leaves: number; root: string }>(vectors.chunks.roots)('a tree of $leaves leaves', ({ leaves, root }) => {
    const hashes = Array.from({ length: leaves }, (_, i) => nobleFileHash.keccak256(utf8(`chunk data - ${i}`)));
    expect(toHex(HashTree.over(concat(...hashes), nobleFileHash).root)).toBe(root);
  });

  it('one byte of zero', () => {
    expect(toHex(fileTreeOf(new Uint8Array(1), nobleFileHash).root)).toBe(vectors.zeroByte.root);
  });

  for (const { length, root, nodes } of vectors.files.roots as { length: number; root: string; nodes: number[] }[]) {
    it(`a file of ${length} bytes`, () => {
      const data = pattern(length);
      for (const hash of length <= NOBLE_BYTES ? [kernel, nobleFileHash] : [kernel]) {
        const tree = fileTreeOf(data, hash);
        expect(toHex(tree.root)).toBe(root);
        expect(tree.nodes.map(({ height }) => 2 ** height)).toEqual(nodes);
        expect(tree.geometry.nodes).toEqual(nodes);
        expect(toHex(dataRootOf(tree.nodes, nobleFileHash))).toBe(root);
      }
    });
  }

  it.each<number>(vectors.lengths.bytes)('a file of %i bytes gives a valid submission whose nodes make its root', (length) => {
    const tree = fileTreeOf(sampleBytes(length, length), kernel);
    checkSubmission(submissionOf(tree));
    expect(toHex(dataRootOf(tree.nodes, nobleFileHash))).toBe(toHex(tree.root));
  });
});

describe('the tree of a file', () => {
  it('is the same in whatever pieces the bytes come, and with both hashes', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 700_000 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900_000 }), cuts, fc.integer(), (length, places, seed) => {
        const data = sampleBytes(length, seed);
        const builder = new FileTreeBuilder(kernel);
        let from = 0;
        for (const to of [...places.filter((place) => place < length).sort((a, b) => a - b), length]) {
          builder.write(data.subarray(from, to));
          from = to;
        }
        const tree = builder.finish();
        const whole = fileTreeOf(data, kernel);
        expect(toHex(tree.root)).toBe(toHex(whole.root));
        expect(tree.nodes).toEqual(whole.nodes);
      }),
      { numRuns: LONG ? 300 : 20 },
    );
  });

  it('is that of its padded chunks, all hashed one by one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40_000 }), fc.integer(), (length, seed) => {
        const data = sampleBytes(length, seed);
        const { paddedChunks } = fileGeometry(length);
        const padded = new Uint8Array(paddedChunks * FILE_CHUNK_BYTES);
        padded.set(data);
        const leaves = Array.from({ length: paddedChunks }, (_, i) =>
          nobleFileHash.keccak256(padded.subarray(FILE_CHUNK_BYTES * i, FILE_CHUNK_BYTES * (i + 1))),
        );
        const tree = fileTreeOf(data, nobleFileHash);
        expect(toHex(tree.root)).toBe(toHex(HashTree.over(concat(...leaves), nobleFileHash).root));
        let offset = 0;
        for (const { root, height } of tree.nodes) {
          const part = leaves.slice(offset, offset + 2 ** height);
          expect(toHex(HashTree.over(concat(...part), nobleFileHash).root)).toBe(toHex(root));
          offset += 2 ** height;
        }
        expect(offset).toBe(paddedChunks);
      }),
      { numRuns: LONG ? 300 : 25 },
    );
  });

  it('does not exist without bytes, or with too many', () => {
    expect(codeOf(() => new FileTreeBuilder(nobleFileHash).finish())).toBe('INVALID_ARGUMENT');
    for (const length of [0, -1, 1.5, Number.NaN, MAX_FILE_BYTES + 1]) {
      expect(codeOf(() => fileGeometry(length))).toBe('INVALID_ARGUMENT');
    }
    for (const height of [-1, 64, 1.5, Number.NaN]) expect(codeOf(() => zeroHash(height))).toBe('INVALID_ARGUMENT');
  });
});

describe('submissions', () => {
  const root = new Uint8Array(32).fill(1);
  const of = (length: number, ...heights: number[]) => ({
    length,
    tags: new Uint8Array(0),
    nodes: heights.map((height) => ({ root, height })),
  });

  it('are valid exactly for the nodes that the length is padded to', () => {
    const lengths = fc.oneof(
      fc.integer({ min: 1, max: 64 * FILE_CHUNK_BYTES }),
      fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      fc.double({ min: 1, max: MAX_FILE_BYTES, noNaN: true }).map(Math.floor),
      // around every place where the number of sectors changes
      fc
        .tuple(fc.integer({ min: 0, max: 33 }), fc.integer({ min: 8, max: 16 }), fc.integer({ min: -1, max: 1 }))
        .map(([power, sixteenths, off]) => Math.max(1, Math.floor((2 ** power * sixteenths) / 16) * FILE_CHUNK_BYTES + off)),
    );
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 0, max: 30 }), (length, shape, low) => {
        const due = fileGeometry(length).nodes.map(Math.log2);
        expect(codeOf(() => checkSubmission(of(length, ...due)))).toBe('none');
        expect(sectorsOf(of(length, ...due).nodes)).toBe(fileGeometry(length).paddedChunks);
        // any other nodes
        const heights = [3, 2, 1, 0].filter((bit) => (shape >> bit) & 1).map((bit) => bit + low);
        const code = codeOf(() => checkSubmission(of(length, ...heights)));
        expect(code).toBe(String(heights) === String(due) ? 'none' : 'TX_MESSAGE');
      }),
      { numRuns: LONG ? 100_000 : 2_000 },
    );
  });

  it('are refused when they break a rule of the contract', () => {
    const wrong: [string, ReturnType<typeof of>][] = [
      ['no node', of(1)],
      ['heights that rise', of(768, 0, 1)],
      ['heights that stay', of(512, 0, 0)],
      ['four between first and last', of(17 * 256, 4, 0)],
      ['a height past the bound', of(2 ** 43, 35)],
      ['no length', of(0, 0)],
      ['a length above the capacity', of(257, 0)],
      ['a length that fits with less', of(256, 1)],
      ['a length that is no whole number', of(255.5, 0)],
    ];
    for (const [name, submission] of wrong)
      expect([name, codeOf(() => checkSubmission(submission))]).toEqual([name, 'TX_MESSAGE']);
  });

  it('are named by the hash of all their nodes', () => {
    const nodes = [
      { root: new Uint8Array(32).fill(1), height: 1 },
      { root: new Uint8Array(32).fill(2), height: 0 },
    ];
    const both = concat(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2));
    expect(toHex(submissionIdentity(nodes, nobleFileHash))).toBe(toHex(nobleFileHash.keccak256(both)));
  });
});
