import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHex, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { BUILDS, loadCodec } from './load.ts';

const root = process.env.PERIGEE_VECTORS ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url));
const folder = join(root, 'da', 'jam_tiny');
const there = existsSync(folder);

/** Two original and four parity shards of plain little-endian symbols (davxy/jam-test-vectors, `erasure/tiny`). */
const K = 2;
const N = 4;

/** Plain words into the 64-byte units of a row (32 low bytes, then 32 high bytes), and the first `length` bytes of them back. */
function toUnits(words: Uint8Array, rowSize: number): Uint8Array {
  const out = new Uint8Array(rowSize);
  words.forEach((byte, i) => {
    out[((i >> 1) >> 5) * 64 + ((i >> 1) & 31) + 32 * (i & 1)] = byte;
  });
  return out;
}
function fromUnits(row: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => row[((i >> 1) >> 5) * 64 + ((i >> 1) & 31) + 32 * (i & 1)] ?? 0);
}

describe.skipIf(!there)('JAM erasure vectors (tiny)', () => {
  if (!there) return;
  for (const file of readdirSync(folder).sort()) {
    const { data, shards } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { data: string; shards: string[] };
    const expected = shards.map((shard) => fromHex(shard));
    const length = expected[0]?.length ?? 0;
    const rowSize = Math.ceil(length / 64) * 64;
    const rows = expected.map((shard) => toUnits(shard, rowSize));
    const original = new Uint8Array(K * rowSize);
    for (const [i, row] of rows.slice(0, K).entries()) original.set(row, i * rowSize);

    it.each(BUILDS)(`${file}: %s build`, async (build) => {
      const codec = await loadCodec(build);
      if (codec === undefined) return;
      expect(toHex(expected[0] as Uint8Array) + toHex(expected[1] as Uint8Array)).toContain(toHex(fromHex(data)));
      const parity = codec.encode({ original, k: K, n: N, rowSize, layout: 'low' });
      for (let i = 0; i < N; i++) {
        const made = fromUnits(parity.subarray(i * rowSize, (i + 1) * rowSize), length);
        expect(toHex(made)).toBe(toHex(expected[K + i] as Uint8Array));
      }
      for (let a = 0; a < K + N; a++) {
        for (let b = 0; b < a; b++) {
          const kept = new Map([a, b].map((i) => [i, rows[i] as Uint8Array]));
          expect(toHex(codec.reconstruct({ rows: kept, k: K, n: N, rowSize, layout: 'low' }))).toBe(toHex(original));
        }
      }
    });
  }
});
