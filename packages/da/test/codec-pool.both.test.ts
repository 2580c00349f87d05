import { blobGeometry, packBlob } from '@perigee/light-core/da';
import { openRow } from '@perigee/wasm-codec';
import type { RowProof } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommittedRows } from '../src/codec/codec-jobs.ts';
import { type CodecPool, createCodecPool } from '../src/index.ts';

let pool: CodecPool;
beforeAll(() => {
  pool = createCodecPool(1);
});
afterAll(() => pool.close());

async function commit(length: number, fill: number): Promise<CommittedRows> {
  const geometry = blobGeometry(length, 4);
  const original = packBlob(new Uint8Array(length).fill(fill), geometry);
  const transfer = [original.buffer as ArrayBuffer];
  const blob = await pool.run('extendAndCommit', { ...geometry, original }, { transfer });
  expect(original.length).toBe(0); // it moved, and came back
  return blob;
}

const rowOf = ({ k, rowSize, original, parity, tree }: CommittedRows, index: number): RowProof => ({
  index,
  row: (index < k ? original : parity).slice((index % k) * rowSize, ((index % k) + 1) * rowSize),
  path: openRow(tree, index),
});

describe('codec workers', () => {
  it('commit to rows and verify them', async () => {
    const blob = await commit(10_000, 1);
    const rows = [0, 63, 64, 127].map((index) => rowOf(blob, index));
    const [first] = rows as [RowProof];
    const bad = [
      { ...first, index: 1 },
      { ...first, index: 999 },
      { ...first, row: first.row.subarray(64) },
    ];
    const { original: _original, parity: _parity, tree: _tree, ...prime } = blob;
    expect(await pool.run('verifyRows', { prime, rows: [...rows, ...bad] })).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'ROW_PATH',
      'ROW_INDEX',
      'ROW_SIZE',
    ]);
  });

  it('remember some blobs and take up again those that they forgot', async () => {
    const blobs = await Promise.all(Array.from({ length: 17 }, (_, i) => commit(100, i)));
    for (const blob of [...blobs, ...blobs]) {
      const { original: _original, parity: _parity, tree: _tree, ...prime } = blob;
      expect(await pool.run('verifyRows', { prime, rows: [rowOf(blob, 5)] })).toEqual([undefined]);
    }
  });

  it('refuse prime data that does not hash to the commitment', async () => {
    const { commitment, rowRoot, rlcOriginal, k, n, rowSize } = await commit(100, 200);
    const other = rlcOriginal.slice();
    other[0] = (other[0] ?? 0) ^ 1;
    await pool.run('prime', { commitment, rowRoot, rlcOriginal, k, n, rowSize });
    await expect(pool.run('prime', { commitment, rowRoot, rlcOriginal: other, k, n, rowSize })).rejects.toMatchObject({
      code: 'COMMITMENT_MISMATCH',
    });
    await expect(
      pool.run('prime', { commitment, rowRoot: other.slice(0, 32), rlcOriginal, k, n, rowSize }),
    ).rejects.toMatchObject({
      code: 'COMMITMENT_MISMATCH',
    });
  });
});
