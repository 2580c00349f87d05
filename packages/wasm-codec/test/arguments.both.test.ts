import { type ErrorCode, MAX_CODEC_ROW_BYTES, MAX_ROW_BYTES, PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type Codec, createCodec, openRow } from '../src/index.ts';
import { loadCodec, wasmBytes } from './load.ts';
import { Random } from './random.ts';

const codec = (await loadCodec('scalar')) as Codec;
const random = new Random(1);

function refusal(run: () => unknown): ErrorCode | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof PerigeeError ? error.code : undefined;
  }
}

const NO_COUNT = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 4, 65_536];
const NO_ROW_SIZE = [0, -64, 1, 63, 65, 96, 64.5, Number.NaN, MAX_CODEC_ROW_BYTES + 64, 2 ** 32 + 64];

describe('arguments that are refused before memory is touched', () => {
  const shape = { k: 4, n: 4, rowSize: 64 };
  const original = random.bytes(256);
  const rows = new Map(Array.from({ length: 4 }, (_, i) => [i, original.subarray(64 * i, 64 * i + 64)]));
  const made = codec.extendAndCommit({ ...shape, original });

  it('counts', () => {
    for (const field of ['k', 'n'] as const) {
      for (const value of NO_COUNT) {
        const wrong = { ...shape, [field]: value };
        for (const layout of ['high', 'low'] as const) {
          expect(refusal(() => codec.encode({ ...wrong, original, layout }))).toBe('INVALID_ARGUMENT');
          expect(refusal(() => codec.reconstruct({ ...wrong, rows, layout }))).toBe('INVALID_ARGUMENT');
        }
        expect(refusal(() => codec.extendAndCommit({ ...wrong, original }))).toBe('BLOB_GEOMETRY');
        expect(refusal(() => codec.commit({ ...wrong, original, parity: made.parity }))).toBe('BLOB_GEOMETRY');
        expect(refusal(() => codec.prime({ ...made, ...wrong }))).toBe('BLOB_GEOMETRY');
      }
    }
  });

  it('counts that are no powers of two, where they are committed to', () => {
    for (const [k, n] of [
      [3, 9],
      [4, 3],
      [3, 5],
      [4, 8],
    ] as const) {
      expect(refusal(() => codec.extendAndCommit({ k, n, rowSize: 64, original: new Uint8Array(64 * k) }))).toBe('BLOB_GEOMETRY');
      expect(refusal(() => codec.prime({ ...made, k, n }))).toBe('BLOB_GEOMETRY');
    }
  });

  it('counts that the field has no points for', () => {
    const big = { k: 20_000, n: 40_000, rowSize: 64, original: new Uint8Array(64 * 20_000) };
    expect(refusal(() => codec.encode({ ...big, layout: 'high' }))).toBe('INVALID_ARGUMENT');
    expect(refusal(() => codec.encode({ ...big, layout: 'low' }))).toBe('INVALID_ARGUMENT');
    expect(refusal(() => codec.extendAndCommit({ ...big, k: 1024, n: 64_512 }))).toBe('BLOB_GEOMETRY');
    const wide = (k: number, n: number) => ({ k, n, rowSize: 64, original: new Uint8Array(64 * k) });
    expect(refusal(() => codec.encode({ ...wide(16, 33_000), layout: 'high' }))).toBe('INVALID_ARGUMENT');
    expect(refusal(() => codec.encode({ ...wide(16, 33_000), layout: 'low' }))).toBeUndefined();
    expect(refusal(() => codec.encode({ ...wide(33_000, 16), layout: 'low' }))).toBe('INVALID_ARGUMENT');
    expect(refusal(() => codec.encode({ ...wide(33_000, 16), layout: 'high' }))).toBeUndefined();
  });

  it('row sizes', () => {
    for (const rowSize of NO_ROW_SIZE) {
      const wrong = { ...shape, rowSize };
      expect(refusal(() => codec.encode({ ...wrong, original, layout: 'high' }))).toBe('ROW_SIZE');
      expect(refusal(() => codec.reconstruct({ ...wrong, rows, layout: 'high' }))).toBe('ROW_SIZE');
      expect(refusal(() => codec.extendAndCommit({ ...wrong, original }))).toBe('ROW_SIZE');
      expect(refusal(() => codec.prime({ ...made, rowSize }))).toBe('ROW_SIZE');
    }
  });

  it('layouts', () => {
    const layout = 'middle' as 'high';
    expect(refusal(() => codec.encode({ ...shape, original, layout }))).toBe('INVALID_ARGUMENT');
    expect(refusal(() => codec.reconstruct({ ...shape, rows, layout }))).toBe('INVALID_ARGUMENT');
  });

  it('lengths', () => {
    for (const length of [0, 255, 257, 512]) {
      const wrong = new Uint8Array(length);
      expect(refusal(() => codec.encode({ ...shape, original: wrong, layout: 'high' }))).toBe('INVALID_ARGUMENT');
      expect(refusal(() => codec.extendAndCommit({ ...shape, original: wrong }))).toBe('INVALID_ARGUMENT');
      expect(refusal(() => codec.commit({ ...shape, original: wrong, parity: made.parity }))).toBe('INVALID_ARGUMENT');
      expect(refusal(() => codec.commit({ ...shape, original, parity: wrong }))).toBe('INVALID_ARGUMENT');
    }
    for (const length of [0, 31, 33, 64]) {
      expect(refusal(() => codec.prime({ ...made, commitment: new Uint8Array(length) }))).toBe('INVALID_ARGUMENT');
      expect(refusal(() => codec.prime({ ...made, rowRoot: new Uint8Array(length) }))).toBe('INVALID_ARGUMENT');
    }
  });

  it('rows to reconstruct from', () => {
    const missing = new Map([...rows].slice(1));
    const reconstruct = (given: Map<number, Uint8Array>) =>
      refusal(() => codec.reconstruct({ ...shape, rows: given, layout: 'high' }));
    expect(reconstruct(missing)).toBe('NOT_ENOUGH_ROWS');
    expect(reconstruct(new Map())).toBe('NOT_ENOUGH_ROWS');
    for (const index of [-1, 8, 1.5, Number.NaN])
      expect(reconstruct(new Map([...missing, [index, original.subarray(0, 64)]]))).toBe('ROW_INDEX');
    for (const length of [0, 63, 65]) expect(reconstruct(new Map([...missing, [5, new Uint8Array(length)]]))).toBe('ROW_SIZE');
  });

  it('openings', () => {
    for (const index of [-1, 8, 0.5, Number.NaN]) expect(refusal(() => openRow(made.tree, index))).toBe('ROW_INDEX');
    expect(refusal(() => openRow({ ...made.tree, hashes: made.tree.hashes.subarray(32) }, 0))).toBe('INVALID_ARGUMENT');
  });

  it('a host hash that is none', async () => {
    const broken = (await loadCodec('scalar', () => new Uint8Array(31))) as Codec;
    expect(refusal(() => broken.extendAndCommit({ ...shape, original }))).toBe('INVALID_ARGUMENT');
  });

  it('leave the codec as good as before', () => {
    expect(codec.extendAndCommit({ ...shape, original }).commitment).toEqual(made.commitment);
  });
});

describe('memory', () => {
  it('runs out with a code, and comes back when blobs are freed', async () => {
    const memory = new WebAssembly.Memory({ initial: 8, maximum: 64 }); // 4 MiB
    const small = createCodec({ module: await WebAssembly.compile(await wasmBytes('scalar')), memory });
    const shape = { k: 4, n: 4, rowSize: MAX_ROW_BYTES };
    const made = small.extendAndCommit({ ...shape, original: new Uint8Array(4 * MAX_ROW_BYTES).fill(3) });
    const proof = { index: 0, row: new Uint8Array(MAX_ROW_BYTES).fill(3), path: openRow(made.tree, 0) };
    const most = 16; // a primed blob of this row size takes 256 KiB of tables
    const blobs: ReturnType<Codec['prime']>[] = [];
    expect(
      refusal(() => {
        for (let i = 0; i <= most; i++) blobs.push(small.prime(made));
      }),
    ).toBe('OUT_OF_MEMORY');
    expect(blobs.length).toBeGreaterThan(most / 2);
    blobs[3]?.free();
    blobs[4]?.free();
    small.verifyRow(blobs[0] as (typeof blobs)[number], proof);
    small.verifyRow(blobs.at(-1) as (typeof blobs)[number], proof);
    for (const blob of blobs) blob.free();
    for (let i = 0; i < 2 * most; i++) small.prime(made).free();
    // what a liar sends costs no memory for good
    const lie = { ...made, rowRoot: made.rlcRoot };
    for (let i = 0; i < 2 * most; i++) expect(refusal(() => small.prime(lie))).toBe('COMMITMENT_MISMATCH');
    small.prime(made).free();
  });

  it('refuses a code that is too large for it', () => {
    const shape = { k: 1, n: 16_384, rowSize: MAX_CODEC_ROW_BYTES };
    const original = new Uint8Array(MAX_CODEC_ROW_BYTES);
    expect(refusal(() => codec.encode({ ...shape, original, layout: 'high' }))).toBe('OUT_OF_MEMORY');
  });
});
