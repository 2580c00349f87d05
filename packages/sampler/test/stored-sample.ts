/** One blob with all that it takes to verify it from the trust root on: what the verify worker is given, stored as text in tests/vectors/sample.json. */
import { parseTrustRoot } from '@perigee/light-core/comet';
import { blobKey, committeeKey, STORE } from '@perigee/light-core/state';
import { BlobRecord, fromHex, toHex } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { Verifier } from '../src/verify/verifier.ts';

/** Bytes are hexadecimal. */
export interface StoredSample {
  readonly source: string;
  readonly trustRoot: string;
  /** Local time, milliseconds since 1970. */
  readonly now: number;
  /** `HeaderAnswer`s of the root and of `height`. */
  readonly root: string;
  readonly head: string;
  readonly height: number;
  readonly blobId: string;
  /** `StateProof`s of the blob's record and of the committee of epoch 0. */
  readonly recordProof: string;
  readonly committeeProof: string;
  readonly rlcOriginal: string;
  readonly rows: readonly { readonly index: number; readonly row: string; readonly path: string }[];
}

/** Verifies a stored sample in a verify worker, step by step as the light node does. */
export async function verifyStored(sample: StoredSample, pool: Pool<Verifier>) {
  const one = { affinity: 0 };
  const { now, height } = sample;
  const blobId = fromHex(sample.blobId);
  const trustRoot = parseTrustRoot(sample.trustRoot);
  await pool.run('anchor', { trustRoot, answer: fromHex(sample.root), now }, one);
  const { head, validators } = await pool.run('advance', { answer: fromHex(sample.head), now }, one);
  const keys = [blobKey(blobId), committeeKey(0)];
  const proofs = [fromHex(sample.recordProof), fromHex(sample.committeeProof)];
  const [value, committee] = await pool.run('prove', { height, store: STORE.da, keys, proofs }, one);
  if (value === undefined || committee === undefined) throw new Error('record or committee are proved to be absent');
  const { k, n, rowSize, rowRoot } = BlobRecord.decode(value);
  const owners = await pool.run('owners', { committee, blobId, k, n, indices: sample.rows.map(({ index }) => index) }, one);
  const shape = { blobId, k, n, rowSize, rowRoot };
  await pool.run('prime', { key: 'stored', shape, rowRoot, rlcOriginal: fromHex(sample.rlcOriginal) }, one);
  const rows = sample.rows.map(({ index, row, path }) => ({ index, row: fromHex(row), path: fromHex(path) }));
  const { verdicts } = await pool.run('verifyRows', { key: 'stored', proofs: rows }, one);
  return { headerHash: toHex(head.headerHash), validators, owners, verdicts };
}
