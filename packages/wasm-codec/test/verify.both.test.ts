import { type ErrorCode, equal, PerigeeError, type RowProof } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type Codec, openRow, type RowCommitment } from '../src/index.ts';
import { BUILDS, loadCodec } from './load.ts';
import { Random } from './random.ts';

const MUTATIONS = 500;
const SEED = Math.floor(Math.random() * 2 ** 31);

function refusal(run: () => void): ErrorCode | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return PerigeeError.from(error).code;
  }
}

/** A copy with one bit turned. */
function flip(bytes: Uint8Array, random: Random, from = 0, to = bytes.length): Uint8Array {
  const out = bytes.slice();
  const at = from + random.below(to - from);
  out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  return out;
}

type Made = RowCommitment & { readonly parity: Uint8Array };
function make(codec: Codec, k: number, n: number, rowSize: number, random: Random): { made: Made; proofs: RowProof[] } {
  const original = random.bytes(k * rowSize);
  const made = codec.extendAndCommit({ original, k, n, rowSize });
  const proofs = Array.from({ length: k + n }, (_, index) => ({
    index,
    row:
      index < k
        ? original.slice(index * rowSize, (index + 1) * rowSize)
        : made.parity.slice((index - k) * rowSize, (index - k + 1) * rowSize),
    path: openRow(made.tree, index),
  }));
  return { made, proofs };
}

for (const build of BUILDS) {
  const codec = await loadCodec(build);
  describe.skipIf(codec === undefined)(`verify, ${build} build (seed ${SEED})`, () => {
    if (codec === undefined) return;
    const random = new Random(SEED);

    it.each([
      [1, 1, 64],
      [1, 3, 128],
      [2, 2, 64],
      [16, 16, 192],
      [8, 56, 64],
      [64, 192, 1088],
      [64, 448, 64],
    ])('accepts every row of a right blob of %i + %i rows of %i bytes', (k, n, rowSize) => {
      const { made, proofs } = make(codec, k, n, rowSize, random);
      const blob = codec.prime(made);
      expect(codec.verifyRows(blob, proofs)).toEqual(proofs.map(() => undefined));
      for (const proof of proofs.slice(0, 4)) codec.verifyRow(blob, proof);
      blob.free();
    });

    describe('with one thing wrong', () => {
      const K = 16;
      const N = 48;
      const SIZE = 192;
      const LEVELS = 6;
      const { made, proofs } = make(codec, K, N, SIZE, random);
      const blob = codec.prime(made);
      const any = (): RowProof => proofs[random.below(K + N)] as RowProof;

      /** No mutation is accepted, each is refused with the code that it must have, alone and in a batch of right rows. */
      const refuses = (code: ErrorCode, mutate: () => RowProof) => {
        for (let i = 0; i < MUTATIONS; i++) {
          const wrong = mutate();
          expect(refusal(() => codec.verifyRow(blob, wrong))).toBe(code);
          if (i % 10 === 0) expect(codec.verifyRows(blob, [any(), wrong, any()])).toEqual([undefined, code, undefined]);
        }
      };

      it('refuses another index', () =>
        refuses('ROW_PATH', () => {
          const proof = any();
          return { ...proof, index: (proof.index + 1 + random.below(K + N - 1)) % (K + N) };
        }));
      it('refuses an index out of range', () => {
        const wrong = [-1, K + N, K + N + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32, -(2 ** 32)];
        refuses('ROW_INDEX', () => {
          const proof = any();
          const index =
            random.below(2) === 0 ? proof.index + (K + N) * (1 + random.below(1_000)) : wrong[random.below(wrong.length)];
          return { ...proof, index: index ?? -1 };
        });
      });
      it('refuses one changed bit of the row', () =>
        refuses('ROW_PATH', () => {
          const proof = any();
          return { ...proof, row: flip(proof.row, random) };
        }));
      it('refuses rows of another length', () =>
        refuses('ROW_SIZE', () => {
          const proof = any();
          const row = new Uint8Array(random.below(2) === 0 ? random.below(SIZE) : SIZE + 1 + random.below(SIZE));
          row.set(proof.row.subarray(0, row.length));
          return { ...proof, row };
        }));
      for (let level = 0; level < LEVELS; level++) {
        it(`refuses a changed sibling ${level}`, () =>
          refuses('ROW_PATH', () => {
            const proof = any();
            return { ...proof, path: flip(proof.path, random, 32 * level, 32 * level + 32) };
          }));
      }
      it('refuses paths of another length', () =>
        refuses('ROW_PATH', () => {
          const proof = any();
          const lengths = [0, 1, 31, 32 * (LEVELS - 1), 32 * LEVELS - 1, 32 * LEVELS + 1, 32 * (LEVELS + 1)];
          const path = new Uint8Array(lengths[random.below(lengths.length)] ?? 0);
          path.set(proof.path.subarray(0, path.length));
          return { ...proof, path };
        }));
      it('refuses swapped siblings', () =>
        refuses('ROW_PATH', () => {
          const proof = any();
          const [a, b] = random.choose(2, LEVELS) as [number, number];
          const path = proof.path.slice();
          path.set(proof.path.subarray(32 * a, 32 * a + 32), 32 * b);
          path.set(proof.path.subarray(32 * b, 32 * b + 32), 32 * a);
          return { ...proof, path };
        }));
      it('refuses the row or the path of another index', () =>
        refuses('ROW_PATH', () => {
          const [a, b] = random.choose(2, K + N).map((i) => proofs[i] as RowProof) as [RowProof, RowProof];
          return random.below(2) === 0 ? { ...a, row: b.row } : { ...a, path: b.path };
        }));

      it('refuses to prime with a changed commitment, row root or combination', () => {
        for (const field of ['commitment', 'rowRoot', 'rlcOriginal'] as const) {
          for (let i = 0; i < MUTATIONS; i++) {
            const wrong = { ...made, [field]: flip(made[field], random) };
            expect(refusal(() => codec.prime(wrong).free())).toBe('COMMITMENT_MISMATCH');
          }
        }
      });
      it('refuses to prime with combinations swapped or of another length', () => {
        for (let i = 0; i < MUTATIONS; i++) {
          const [a, b] = random.choose(2, K) as [number, number];
          const swapped = made.rlcOriginal.slice();
          swapped.set(made.rlcOriginal.subarray(16 * a, 16 * a + 16), 16 * b);
          swapped.set(made.rlcOriginal.subarray(16 * b, 16 * b + 16), 16 * a);
          expect(refusal(() => codec.prime({ ...made, rlcOriginal: swapped }).free())).toBe('COMMITMENT_MISMATCH');
          const length = random.below(2) === 0 ? random.below(16 * K) : 16 * K + 1 + random.below(64);
          const cut = new Uint8Array(length);
          cut.set(made.rlcOriginal.subarray(0, length));
          expect(refusal(() => codec.prime({ ...made, rlcOriginal: cut }).free())).toBe('COMMITMENT_MISMATCH');
        }
      });

      it('accepts no row under another K, N or row size', () => {
        const codes = new Map<string, number>();
        for (let i = 0; i < MUTATIONS + 50; i++) {
          for (const field of ['k', 'n', 'rowSize'] as const) {
            const step = field === 'rowSize' ? 64 : 1;
            const valid =
              field === 'rowSize' ? [64, 128, 256, 8192] : field === 'k' ? [1, 2, 4, 8, 32, 64] : [16, 112, 240, 1008];
            const value = random.below(2) === 0 ? (valid[random.below(valid.length)] ?? 1) : step * (1 + random.below(2_000));
            if (value === made[field]) continue;
            const code = refusal(() => {
              const other = codec.prime({ ...made, [field]: value });
              try {
                codec.verifyRow(other, any());
              } finally {
                other.free();
              }
            });
            expect(code).toBeDefined();
            codes.set(`${field} ${code}`, (codes.get(`${field} ${code}`) ?? 0) + 1);
          }
        }
        // K changes what must hash to the commitment; N and the row size change what a row must look like
        const allowed = [
          'k BLOB_GEOMETRY',
          'k COMMITMENT_MISMATCH',
          'n BLOB_GEOMETRY',
          'n ROW_PATH',
          'n ROW_INDEX',
          'rowSize ROW_SIZE',
        ];
        for (const code of codes.keys()) expect(allowed).toContain(code);
      });
      it('does not let N or the row size of another record through, whatever the row', () => {
        for (const n of [16, 112]) {
          const other = codec.prime({ ...made, n });
          const levels = Math.log2(K + n);
          for (const { index, row, path } of proofs) {
            const fitted = new Uint8Array(32 * levels);
            fitted.set(path.subarray(0, fitted.length));
            expect(refusal(() => codec.verifyRow(other, { index: index % (K + n), row, path: fitted }))).toBe('ROW_PATH');
          }
          other.free();
        }
        for (const rowSize of [128, 256]) {
          const other = codec.prime({ ...made, rowSize });
          for (const { index, row, path } of proofs) {
            const fitted = new Uint8Array(rowSize);
            fitted.set(row.subarray(0, rowSize));
            expect(refusal(() => codec.verifyRow(other, { index, row: fitted, path }))).toBe('ROW_PATH');
          }
          other.free();
        }
      });
    });

    it('tells a wrong encoding from a wrong path', () => {
      const [k, n, rowSize] = [16, 48, 128];
      const shape = { k, n, rowSize };
      for (let i = 0; i < 50; i++) {
        const original = random.bytes(k * rowSize);
        const honest = codec.encode({ ...shape, original, layout: 'high' });
        const bad = random.choose(1 + random.below(n), n);
        const parity = honest.slice();
        for (const row of bad) parity.set(flip(parity.subarray(row * rowSize, (row + 1) * rowSize), random), row * rowSize);
        const made = codec.commit({ ...shape, original, parity });
        const blob = codec.prime(made);
        const proofs = Array.from({ length: k + n }, (_, index) => ({
          index,
          row:
            index < k
              ? original.subarray(index * rowSize, (index + 1) * rowSize)
              : parity.subarray((index - k) * rowSize, (index - k + 1) * rowSize),
          path: openRow(made.tree, index),
        }));
        const expected = proofs.map(({ index }) => (bad.includes(index - k) ? 'ROW_RLC' : undefined));
        expect(codec.verifyRows(blob, proofs)).toEqual(expected);
        const both = proofs[k + (bad[0] ?? 0)] as RowProof;
        expect(refusal(() => codec.verifyRow(blob, both))).toBe('ROW_RLC');
        expect(refusal(() => codec.verifyRow(blob, { ...both, path: flip(both.path, random) }))).toBe('ROW_PATH');
        blob.free();
      }
    });

    it('keeps primed blobs apart', () => {
      const all = [
        [16, 48, 64],
        [4, 4, 8192],
        [256, 768, 128],
        [1, 1, 64],
      ].map(([k, n, rowSize]) => make(codec, k as number, n as number, rowSize as number, random));
      const blobs = all.map(({ made }) => codec.prime(made));
      for (let round = 0; round < 200; round++) {
        const i = random.below(all.length);
        const { made, proofs } = all[i] as (typeof all)[number];
        if (random.below(3) === 0) {
          blobs[i]?.free();
          blobs[i] = codec.prime(made);
        }
        const j = random.below(all.length);
        const other = all[j] as (typeof all)[number];
        const proof = other.proofs[random.below(other.proofs.length)] as RowProof;
        codec.verifyRow(blobs[j] as ReturnType<Codec['prime']>, proof);
        const wrong = { ...proof, row: proofs[0]?.row ?? proof.row };
        if (!equal(wrong.row, proof.row))
          expect(refusal(() => codec.verifyRow(blobs[j] as ReturnType<Codec['prime']>, wrong))).toBeDefined();
      }
      for (const blob of blobs) {
        blob.free();
        blob.free();
        expect(refusal(() => codec.verifyRows(blob, []))).toBe('INVALID_ARGUMENT');
      }
    });

    it('refuses a blob of another codec', async () => {
      const other = (await loadCodec(build)) as Codec;
      const { made, proofs } = make(codec, 4, 4, 64, random);
      const blob = other.prime(made);
      expect(refusal(() => codec.verifyRow(blob, proofs[0] as RowProof))).toBe('INVALID_ARGUMENT');
    });
  });
}
