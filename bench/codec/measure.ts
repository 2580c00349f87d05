import { openRow } from '../../packages/wasm-codec/src/index.ts';
import { type Contestant, contest } from './contest.ts';
import { type Codec, dataBytes, LONGEST, milliseconds, type RowCommitment, type RowShape, randomBytes } from './shapes.ts';

const ROUNDS = 7;
/** Rows verified by one call, in a batch and one after another. */
const BATCH = 64;
const ALONE = 20;
/** A light node's first round at 4×. */
const ROWS_A_BLOB = 20;

/** Milliseconds of each sample, in turns, of one shape; `copy` is one pass over the memory of the original rows. */
export interface ShapeTimes {
  readonly encode: readonly number[];
  readonly commit: readonly number[];
  readonly hash: readonly number[];
  readonly prime: readonly number[];
  readonly verify: readonly number[];
  readonly verifyBatch: readonly number[];
  readonly reconstruct5: readonly number[];
  readonly reconstruct50: readonly number[];
  readonly reconstructParity: readonly number[];
  readonly copy: readonly number[];
  /** Only of the longest blob: 20 rows of a blob that is not primed. */
  readonly blob?: readonly number[];
}

/** All that a codec does with one shape, on this thread: input and output are arrays of JavaScript, and every copy counts. */
export async function measureShape(codec: Codec, shape: RowShape): Promise<ShapeTimes> {
  const { k, n, rowSize } = shape;
  const original = randomBytes(dataBytes(shape));
  const made = codec.extendAndCommit({ ...shape, original });
  const rowAt = (index: number): Uint8Array => {
    const [rows, place] = index < k ? [original, index] : [made.parity, index - k];
    return rows.subarray(place * rowSize, (place + 1) * rowSize);
  };
  const primed = codec.prime(made);
  const proofs = (count: number, each: number) =>
    Array.from({ length: count }, (_, i) => {
      const index = Math.floor((i * (k + n)) / count + each) % (k + n);
      return { index, row: rowAt(index), path: openRow(made.tree, index) };
    });
  const alone = proofs(ALONE, 1);
  const batch = proofs(BATCH, 0);
  const few = proofs(ROWS_A_BLOB, 2);
  const copy = new Uint8Array(original.length);

  const hold = (verdicts: readonly unknown[]): void => {
    if (verdicts.some((verdict) => verdict !== undefined)) throw new Error('a right row was refused');
  };
  const once = (name: keyof ShapeTimes, run: () => unknown, times = 1): Contestant => ({
    name,
    run: () => milliseconds(run) / times,
  });
  const rebuild = (name: keyof ShapeTimes, missing: number): Contestant => {
    const rows = survivors(shape, missing, rowAt);
    return once(name, () => codec.reconstruct({ ...shape, rows, layout: 'high' }));
  };
  const taken = await contest(
    [
      once('copy', () => copy.set(original)),
      once('encode', () => codec.encode({ ...shape, original, layout: 'high' })),
      once('commit', () => codec.extendAndCommit({ ...shape, original })),
      once('hash', () => codec.sha256(original)),
      once('prime', () => codec.prime(made).free()),
      once('verify', () => hold(alone.map((proof) => codec.verifyRow(primed, proof))), ALONE),
      once('verifyBatch', () => hold(codec.verifyRows(primed, batch)), BATCH),
      rebuild('reconstruct5', 0.05),
      rebuild('reconstruct50', 0.5),
      rebuild('reconstructParity', 1),
      ...(shape.n === LONGEST.n && k === LONGEST.k ? [once('blob', () => sample(codec, made, few))] : []),
    ],
    ROUNDS,
  );
  primed.free();
  return Object.fromEntries(taken) as unknown as ShapeTimes;
}

/** K rows with this share of the original ones missing, for which parity stands in. */
function survivors({ k, n }: RowShape, missing: number, rowAt: (index: number) => Uint8Array): ReadonlyMap<number, Uint8Array> {
  const lost = Math.min(Math.round(k * missing), n);
  const rows = new Map<number, Uint8Array>();
  for (let i = 0; i < k; i++) if (Math.floor(((i + 1) * lost) / k) === Math.floor((i * lost) / k)) rows.set(i, rowAt(i));
  for (let i = 0; i < lost; i++) rows.set(k + Math.floor((i * n) / lost), rowAt(k + Math.floor((i * n) / lost)));
  return rows;
}

/** What a light node computes for one blob, from its prime to the verdicts on 20 rows. */
function sample(codec: Codec, made: RowCommitment, rows: Parameters<Codec['verifyRows']>[1]): void {
  const blob = codec.prime(made);
  codec.verifyRows(blob, rows);
  blob.free();
}
