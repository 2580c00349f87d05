import { blobGeometry, makeCommittee, packBlob } from '@perigee/light-core/da';
import { openRow } from '@perigee/wasm-codec';
import { blobIdOf, Committee, equal, type RowProof, toHex } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { loadCodec } from '@perigee/workers/codec';
import { expect, it, onTestFinished } from 'vitest';
import { spawnRetrieveWorker } from '#retrieve-worker';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import type { Retriever } from '../src/retrieve/retriever.ts';

const LENGTH = 3_000_001;
const codec = await loadCodec();

/** The worker of a retrieval: a worker thread in Node, a Web Worker in a page. */
function worker() {
  const pool = createPool<Retriever>({ spawn: spawnRetrieveWorker, size: 1 });
  onTestFinished(() => pool.close());
  return pool;
}

/** A blob as its holders have it, its data and its record; `spoil` changes the packed bytes before they are coded. */
function blobOf(spoil: (packed: Uint8Array) => void = () => {}) {
  const data = Uint8Array.from({ length: LENGTH }, (_, i) => (i * 7 + (i >> 8)) & 255);
  const geometry = blobGeometry(LENGTH, 4);
  const { k, n, rowSize } = geometry;
  const original = packBlob(data, geometry);
  spoil(original);
  const made = codec.extendAndCommit({ ...geometry, original });
  const proofs = (indices: readonly number[]): RowProof[] =>
    indices.map((index) => {
      const [rows, at] = index < k ? [original, index] : [made.parity, index - k];
      return { index, row: rows.slice(at * rowSize, (at + 1) * rowSize), path: openRow(made.tree, index) };
    });
  const record = { blobId: blobIdOf(made.commitment), k, n, rowSize, length: LENGTH, rowRoot: made.rowRoot };
  return { data, made, record, prime: { rowRoot: made.rowRoot, rlcOriginal: made.rlcOriginal }, proofs };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
it.each<[string, (k: number) => number[], number]>([
  ['originals', (k) => range(0, k), 1024],
  ['parity', (k) => range(2 * k, 3 * k), 0],
])('makes the data of %s, piece by piece', async (_what, chosen, originals) => {
  const { data, record, prime, proofs } = blobOf();
  const pool = worker();
  await pool.run('prime', { record, prime });
  const indices = chosen(record.k);
  for (let at = 0; at < indices.length; at += 100) {
    const rows = proofs(indices.slice(at, at + 100));
    const transfer = rows.flatMap(({ row, path }) => [row.buffer as ArrayBuffer, path.buffer as ArrayBuffer]);
    const { verdicts } = await pool.run('add', { rows }, { transfer });
    expect(verdicts.every((verdict) => verdict === 'verified')).toBe(true);
    expect(rows[0]?.row.length).toBe(0); // it has moved
  }
  expect(await pool.run('add', { rows: [] })).toMatchObject({ held: record.k, originals });
  expect(await codeOfPromise(pool.run('read', { from: 0, to: 1 }))).toBe('INVALID_ARGUMENT');
  await pool.run('restore', undefined);
  expect(await pool.run('digest', undefined)).toBe(toHex(codec.sha256(data)));
  for (const [from, to] of [
    [0, 1],
    [1_048_576, 2_097_152],
    [LENGTH - 1, LENGTH],
    [0, LENGTH],
  ] as const) {
    expect(equal(await pool.run('read', { from, to }), data.subarray(from, to))).toBe(true);
  }
});

it('tells which rows do not belong, and gives back the one that convicts the blob', async () => {
  const { record, made, prime, proofs } = blobOf();
  const pool = worker();
  const [right, wrong] = proofs([3, 4]) as [RowProof, RowProof];
  wrong.row[9] = (wrong.row[9] ?? 0) ^ 1;
  expect(await codeOfPromise(pool.run('add', { rows: [right] }))).toBe('NOT_FOUND');
  await pool.run('prime', { record, prime });
  expect(await pool.run('add', { rows: [wrong, right] })).toMatchObject({
    verdicts: ['invalid/peer', 'verified'],
    held: 1,
    misfit: undefined,
  });
  // parity that is not the extension, rightly committed to
  const { k, n, rowSize, length } = record;
  const original = packBlob(new Uint8Array(length), record);
  const bad = codec.commit({ k, n, rowSize, original, parity: made.parity });
  const badRecord = { ...record, blobId: blobIdOf(bad.commitment), rowRoot: bad.rowRoot };
  const row = proofs([k + 1]).map((proof) => ({ ...proof, path: openRow(bad.tree, k + 1) }));
  const other = worker();
  await other.run('prime', { record: badRecord, prime: { rowRoot: bad.rowRoot, rlcOriginal: bad.rlcOriginal } });
  expect(await other.run('add', { rows: row })).toMatchObject({
    verdicts: ['invalid/encoding'],
    held: 0,
    misfit: { index: k + 1 },
  });
});

it('blames whoever is at fault for a prime', async () => {
  const { record, prime } = blobOf();
  const pool = worker();
  const rlcOriginal = prime.rlcOriginal.slice();
  rlcOriginal[0] = (rlcOriginal[0] ?? 0) ^ 1;
  expect(await codeOfPromise(pool.run('prime', { record, prime: { ...prime, rlcOriginal } }))).toBe('COMMITMENT_MISMATCH');
  expect(await codeOfPromise(pool.run('prime', { record: { ...record, rowRoot: new Uint8Array(32) }, prime }))).toBe(
    'ROW_ROOT_MISMATCH',
  );
});

it.each<[string, (packed: Uint8Array) => void]>([
  ['BLOB_VERSION', (packed) => packed.fill(1, 0, 1)],
  ['BLOB_LENGTH', (packed) => packed.fill(0, 3, 4)],
  ['BLOB_PADDING', (packed) => packed.fill(1, packed.length - 1)],
])('%s: gives nothing of a blob whose form its publisher broke', async (code, spoil) => {
  const { record, prime, proofs } = blobOf(spoil);
  const pool = worker();
  await pool.run('prime', { record, prime });
  await pool.run('add', { rows: proofs(range(0, record.k)) });
  expect(await codeOfPromise(pool.run('restore', undefined))).toBe(code);
  expect(await codeOfPromise(pool.run('read', { from: 0, to: 1 }))).toBe('INVALID_ARGUMENT');
});

it('gives each member its rows', async () => {
  const { record } = blobOf();
  const members = [1, 2, 3, 4].map((i) => ({
    address: new Uint8Array(20).fill(i),
    publicKey: new Uint8Array(32).fill(i),
    stake: 5n,
  }));
  const committee = Committee.encode({ members: makeCommittee(members).members });
  const { blobId, k, n } = record;
  const rows = await worker().run('assignment', { committee, blobId, k, n });
  expect(rows.map(({ length }) => length)).toEqual([k, k, k, k]);
  expect(new Set(rows.flatMap((held) => [...held])).size).toBe(k + n);
});
