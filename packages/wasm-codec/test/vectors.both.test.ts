import { equal, PerigeeError, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import {
  type CommitmentVector,
  derived,
  fieldTables,
  intermediates,
  published,
  retired,
  vectorRows,
} from '../../../tests/vectors/rsema1d.ts';
import { coefficients } from '../src/commit.ts';
import { Kernel } from '../src/kernel.ts';
import { BUILDS, loadCodec, wasmBytes } from './load.ts';

const name = ({ k, n, rowSize, data }: CommitmentVector) => `K=${k} N=${n} rowSize=${rowSize} ${data}`;

for (const build of BUILDS) {
  const codec = await loadCodec(build);
  describe.skipIf(codec === undefined)(`rsema1d known answers, ${build} build`, () => {
    if (codec === undefined) return;

    for (const vector of [...published, ...derived]) {
      it(`commits to ${name(vector)}`, () => {
        const made = codec.extendAndCommit({ ...vector, original: vectorRows(vector) });
        expect(toHex(made.commitment)).toBe(vector.commitment);
        const again = codec.commit({ ...vector, original: vectorRows(vector), parity: made.parity });
        expect(equal(again.commitment, made.commitment)).toBe(true);
      });
    }

    it('meets the intermediates of the first published vector', () => {
      const vector = published[0] as CommitmentVector;
      const made = codec.extendAndCommit({ ...vector, original: vectorRows(vector) });
      expect(toHex(made.rowRoot)).toBe(intermediates.rowRoot);
      expect(toHex(made.rlcRoot)).toBe(intermediates.rlcRoot);
      expect(toHex(made.rlcOriginal.subarray(0, 16))).toBe(intermediates.combination0);
      const last = [0, 1, 2, 3].map((i) => toHex(Uint8Array.of(made.parity[64 * i + 31] ?? -1, made.parity[64 * i + 63] ?? -1)));
      expect(last).toEqual(intermediates.parityLastSymbol);
    });

    it('does not commit as the retired version did', () => {
      const [four, three] = retired as [CommitmentVector, CommitmentVector];
      expect(toHex(codec.extendAndCommit({ ...four, original: vectorRows(four) }).commitment)).not.toBe(four.commitment);
      // the current version has no padding, so it has no commitment to 3 + 9 rows at all
      const refused = () => codec.extendAndCommit({ ...three, original: vectorRows(three) });
      expect(refused).toThrow(PerigeeError);
      expect(refused).toThrow(/powers of two/);
      expect(codec.encode({ ...three, original: vectorRows(three), layout: 'high' })).toHaveLength(9 * 256);
    });

    it('has the field of Leopard', async () => {
      const kernel = new Kernel(
        await WebAssembly.compile(await wasmBytes(build)),
        new WebAssembly.Memory({ initial: 8, maximum: 16_384 }),
        undefined,
      );
      const at = kernel.field + kernel.call.field_log_offset();
      const log = new Uint16Array(kernel.bytes.buffer, at, 65_536);
      const exp = new Uint16Array(kernel.bytes.buffer, at + 131_072, 65_536);
      // The kernel has no twiddle table: twiddle of index i is (i + 1) with its trailing zeros and last one bit taken away.
      const skew = Uint16Array.from({ length: 65_535 }, (_, i) => {
        const at = i + 1;
        return log[at / (at & -at) - 1] ?? 0;
      });
      for (const [table, words] of [
        [fieldTables.log, log],
        [fieldTables.exp, exp],
        [fieldTables.skew, skew],
      ] as const) {
        expect([...words.subarray(0, table.first.length)]).toEqual(table.first);
        expect(toHex(codec.sha256(new Uint8Array(words.buffer, words.byteOffset, words.byteLength)))).toBe(table.sha256);
      }
    });

    it('draws the first coefficient', async () => {
      const kernel = new Kernel(
        await WebAssembly.compile(await wasmBytes(build)),
        new WebAssembly.Memory({ initial: 8, maximum: 16_384 }),
        undefined,
      );
      const vector = published[0] as CommitmentVector;
      const made = codec.extendAndCommit({ ...vector, original: vectorRows(vector) });
      const out = kernel.arena.allocate(16 * 32);
      coefficients(kernel, made.rowRoot, vector, out);
      // tower planes back to plain words: low ^= e(high), then interleave
      const tower = kernel.field + 256 * 32;
      const e = (x: number) => (kernel.bytes[tower + (x & 15)] ?? 0) ^ (kernel.bytes[tower + 16 + (x >> 4)] ?? 0);
      const words = Array.from({ length: 8 }, (_, i) => {
        const [low, high] = [kernel.bytes[out + i] ?? 0, kernel.bytes[out + 8 + i] ?? 0];
        return [low ^ e(high), high];
      });
      expect(toHex(Uint8Array.from(words.flat()))).toBe(intermediates.coefficient0);
    });
  });
}
