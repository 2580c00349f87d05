import { keccak_256 } from '@noble/hashes/sha3.js';
import { concat, FILE_CHUNK_BYTES, FILE_SEGMENT_BYTES, FILE_SEGMENT_CHUNKS, toHex } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import { createFileHasher } from '../src/index.ts';
import { BUILDS, wasmBytes } from './load.ts';
import { Random } from './random.ts';
import { LONG } from './shapes.ts';

/** All nodes of the tree, by its definition. */
function levelsOf(data: Uint8Array, chunks: number): Uint8Array {
  const padded = new Uint8Array(chunks * FILE_CHUNK_BYTES);
  padded.set(data);
  let level: Uint8Array[] = Array.from({ length: chunks }, (_, i) =>
    keccak_256(padded.subarray(i * FILE_CHUNK_BYTES, (i + 1) * FILE_CHUNK_BYTES)),
  );
  const nodes = [...level];
  while (level.length > 1) {
    const up: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Uint8Array, level[i + 1]];
      up.push(right === undefined ? left : keccak_256(concat(left, right)));
    }
    nodes.push(...up);
    level = up;
  }
  return concat(...nodes);
}

for (const build of BUILDS) {
  const bytes = await wasmBytes(build);
  const module = WebAssembly.validate(bytes) ? await WebAssembly.compile(bytes) : undefined;
  describe.skipIf(module === undefined)(`file hasher, ${build} build`, () => {
    if (module === undefined) return;
    const hasher = createFileHasher({ module });

    it('hashes messages of every length around the blocks of Keccak', () => {
      const random = new Random(7);
      for (const length of [0, 1, 31, 32, 64, 135, 136, 137, 255, 256, 271, 272, 273, 544, 1_000]) {
        const data = random.bytes(length);
        expect(toHex(hasher.keccak256(data))).toBe(toHex(keccak_256(data)));
      }
    });

    it('has every node of trees of any size, with any padding', () => {
      const run = fc
        .tuple(fc.integer({ min: 1, max: 70 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer())
        .map(([chunks, full, seed]) => ({ chunks, length: Math.floor(full * chunks * FILE_CHUNK_BYTES), seed }));
      fc.assert(
        fc.property(run, ({ chunks, length, seed }) => {
          const data = new Random(seed).bytes(length);
          const levels = levelsOf(data, chunks);
          expect(toHex(hasher.levels(data, chunks))).toBe(toHex(levels));
          expect(toHex(hasher.root(data, chunks))).toBe(toHex(levels.subarray(-32)));
        }),
        { numRuns: LONG ? 2_000 : 40 },
      );
    });

    it('hashes a whole segment, and one with little in it', () => {
      const data = new Random(3).bytes(FILE_SEGMENT_BYTES);
      for (const length of [FILE_SEGMENT_BYTES, FILE_SEGMENT_BYTES - 1, 1_000, 1, 0]) {
        const part = data.subarray(0, length);
        expect(toHex(hasher.root(part, FILE_SEGMENT_CHUNKS))).toBe(toHex(levelsOf(part, FILE_SEGMENT_CHUNKS).subarray(-32)));
      }
    });

    it('does not take what lay in its memory before for the end of a chunk', () => {
      hasher.root(new Uint8Array(1_024).fill(255), 4);
      expect(toHex(hasher.root(Uint8Array.of(1), 1))).toBe(toHex(levelsOf(Uint8Array.of(1), 1)));
    });

    it('refuses runs that are none', () => {
      for (const chunks of [0, -1, 1.5, Number.NaN, FILE_SEGMENT_CHUNKS + 1, 2 ** 32 + 1]) {
        expect(codeOf(() => hasher.root(new Uint8Array(1), chunks))).toBe('INVALID_ARGUMENT');
        expect(codeOf(() => hasher.levels(new Uint8Array(1), chunks))).toBe('INVALID_ARGUMENT');
      }
      expect(codeOf(() => hasher.root(new Uint8Array(513), 2))).toBe('INVALID_ARGUMENT');
      expect(codeOf(() => hasher.levels(new Uint8Array(FILE_SEGMENT_BYTES + 1), FILE_SEGMENT_CHUNKS))).toBe('INVALID_ARGUMENT');
    });
  });
}
