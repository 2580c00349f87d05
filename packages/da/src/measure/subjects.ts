import { type Codec, openRow, type RowCommitment, type RowShape } from '@perigee/wasm-codec';
import { PerigeeError } from '@perigee/wire';

/** What a codec is measured at, each on one thread. `copy` is one pass over the memory of the original rows, beside which the others stand. */
export const SUBJECTS = [
  'copy',
  'encode',
  'commit',
  'hash',
  'prime',
  'verify',
  'verifyBatch',
  'reconstruct5',
  'reconstruct50',
  'reconstructParity',
  'blob',
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** Rows verified one after another, and by one call. */
const ALONE = 20;
const BATCH = 64;
/** A light node's first round at 4×. */
const ROWS_A_BLOB = 20;
/** Most bytes that a browser gives out at random at once. */
const RANDOM_BYTES = 65_536;

/** Random bytes: tables that are looked up by the data are all in the cache when it is zeros. */
export function randomRows(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += RANDOM_BYTES) crypto.getRandomValues(bytes.subarray(at, at + RANDOM_BYTES));
  return bytes;
}

/**
 * Milliseconds of each subject, once; of `verify` and `verifyBatch` for one row. Input and output are arrays of JavaScript, and every copy counts.
 *
 * @throws what the codec throws; INTERNAL when it refuses rows that are right
 */
export function subjectsOf(codec: Codec, shape: RowShape): Readonly<Record<Subject, () => number>> {
  const { k, n, rowSize } = shape;
  const original = randomRows(k * rowSize);
  const made = codec.extendAndCommit({ ...shape, original });
  const copy = new Uint8Array(original.length);
  const into = new Uint8Array(n * rowSize); // engines make a new array of many MiB page by page, which is not what is measured
  const primed = codec.prime(made);
  const rowAt = (index: number): Uint8Array => {
    const [rows, place] = index < k ? [original, index] : [made.parity, index - k];
    return rows.subarray(place * rowSize, (place + 1) * rowSize);
  };
  const proofs = (count: number, first: number) =>
    Array.from({ length: count }, (_, i) => {
      const index = (Math.floor((i * (k + n)) / count) + first) % (k + n);
      return { index, row: rowAt(index), path: openRow(made.tree, index) };
    });
  const [alone, batch, few] = [proofs(ALONE, 1), proofs(BATCH, 0), proofs(ROWS_A_BLOB, 2)];
  const rebuild = (missing: number) => {
    const rows = survivors(shape, missing, rowAt);
    return () => codec.reconstruct({ ...shape, rows, layout: 'high' });
  };
  const [some, half, all] = [rebuild(0.05), rebuild(0.5), rebuild(1)];
  return {
    copy: () => milliseconds(() => copy.set(original)),
    encode: () => milliseconds(() => codec.encode({ ...shape, original, layout: 'high', into })),
    commit: () => milliseconds(() => codec.extendAndCommit({ ...shape, original, into })),
    hash: () => milliseconds(() => codec.sha256(original)),
    prime: () => milliseconds(() => codec.prime(made).free()),
    verify: () =>
      milliseconds(() => {
        for (const proof of alone) codec.verifyRow(primed, proof);
      }) / ALONE,
    verifyBatch: () => milliseconds(() => hold(codec.verifyRows(primed, batch))) / BATCH,
    reconstruct5: () => milliseconds(some),
    reconstruct50: () => milliseconds(half),
    reconstructParity: () => milliseconds(all),
    blob: () => milliseconds(() => sample(codec, made, few)),
  };
}

function milliseconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function hold(codes: readonly unknown[]): void {
  if (codes.some((code) => code !== undefined)) throw new PerigeeError('INTERNAL', 'the codec refused a row that is right');
}

/** K rows with this share of the original ones missing, for which parity stands in. */
function survivors({ k, n }: RowShape, missing: number, rowAt: (index: number) => Uint8Array): ReadonlyMap<number, Uint8Array> {
  const lost = Math.min(Math.round(k * missing), n);
  const rows = new Map<number, Uint8Array>();
  for (let i = 0; i < k; i++) if (Math.floor(((i + 1) * lost) / k) === Math.floor((i * lost) / k)) rows.set(i, rowAt(i));
  for (let i = 0; i < lost; i++) {
    const index = k + Math.floor((i * n) / lost);
    rows.set(index, rowAt(index));
  }
  return rows;
}

/** What a light node computes for one blob, from its prime to the verdicts on its rows. */
function sample(codec: Codec, made: RowCommitment, rows: Parameters<Codec['verifyRows']>[1]): void {
  const blob = codec.prime(made);
  hold(codec.verifyRows(blob, rows));
  blob.free();
}
