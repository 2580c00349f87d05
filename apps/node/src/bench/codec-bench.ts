import { availableParallelism } from 'node:os';
import { createCodecPool } from '@perigee/da';
import { blobGeometry, packBlob, type Redundancy } from '@perigee/light-core/da';
import { cryptoRandomBytes } from '@perigee/net';
import { loadCodec, openRow } from '@perigee/workers/codec';
import { type Figure, figureOf } from './figure.ts';

/** Limits of the design; they are for the largest blob at 4×. */
const BUDGET = { encodeCommitGbit: 2, primeMs: 15, verifyRowUs: 60, reconstructOfEncode: 3 };
/** Rows verified at once, as a light node's first round at 4×. */
const ROWS_AT_ONCE = 20;
const THREADS = 2;

export interface CodecBenchOptions {
  /** Bytes of data. */
  readonly bytes: number;
  readonly redundancy: Redundancy;
  /** Samples of each figure. */
  readonly rounds: number;
  readonly signal: AbortSignal;
  readonly onStep: (name: string) => void;
}

/**
 * What a publisher, a light node and whoever retrieves have to compute for a blob of random data, on this machine.
 *
 * @throws ABORTED; INTERNAL when a result is wrong
 */
export async function benchCodec({ bytes, redundancy, rounds, signal, onStep }: CodecBenchOptions): Promise<Figure[]> {
  const codec = await loadCodec();
  const geometry = blobGeometry(bytes, redundancy);
  const { k, n, rowSize } = geometry;
  const data = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) data.set(cryptoRandomBytes(Math.min(65_536, bytes - at)), at);
  const original = packBlob(data, geometry);
  const measure = (name: string, run: () => void): number[] => {
    onStep(name);
    run(); // warm
    return Array.from({ length: rounds }, () => {
      signal.throwIfAborted();
      const start = performance.now();
      run();
      return performance.now() - start;
    });
  };

  const encode = measure('encode', () => codec.encode({ ...geometry, original, layout: 'high' }));
  const made = codec.extendAndCommit({ ...geometry, original });
  const commit = measure('commit', () => codec.commit({ ...geometry, original, parity: made.parity }));
  const prime = measure('prime', () => codec.prime(made).free());

  const primed = codec.prime(made);
  const rowAt = (index: number): Uint8Array => {
    const [rows, place] = index < k ? [original, index] : [made.parity, index - k];
    return rows.subarray(place * rowSize, (place + 1) * rowSize);
  };
  const proofs = Array.from({ length: ROWS_AT_ONCE }, (_, i) => {
    const index = Math.floor((i * (k + n)) / ROWS_AT_ONCE);
    return { index, row: rowAt(index), path: openRow(made.tree, index) };
  });
  const verify = measure('verify', () => {
    for (const proof of proofs) codec.verifyRow(primed, proof);
  }).map((ms) => (ms * 1_000) / ROWS_AT_ONCE);
  primed.free();

  const parityRows = new Map(Array.from({ length: k }, (_, i) => [k + i, rowAt(k + i)] as const));
  const reconstruct = measure('reconstruct', () => codec.reconstruct({ ...geometry, rows: parityRows, layout: 'high' }));

  onStep('encode and commit, threads');
  const threads = Math.min(THREADS, availableParallelism());
  const pool = createCodecPool(threads);
  const rates: number[] = [];
  try {
    for (let i = -1; i < rounds; i++) {
      signal.throwIfAborted();
      const inputs = Array.from({ length: threads }, () => original.slice());
      const start = performance.now();
      await Promise.all(
        inputs.map((input) =>
          pool.run('extendAndCommit', { ...geometry, original: input }, { transfer: [input.buffer], signal }),
        ),
      );
      if (i >= 0) rates.push((threads * bytes * 8) / 1e6 / (performance.now() - start)); // the first one starts the threads
    }
  } finally {
    await pool.close();
  }

  const size = Math.round(bytes / 2 ** 20);
  const isReference = redundancy === 4 && k === 4_096;
  const budget = (limit: number): number | null => (isReference ? limit : null);
  const encodeMs = figureOf(`codec.encode${size}_ms`, 'ms', encode, null);
  return [
    encodeMs,
    figureOf(`codec.commit${size}_ms`, 'ms', commit, null),
    figureOf(`codec.encode_commit_gbit_${threads}threads`, 'Gbit/s', rates, budget(BUDGET.encodeCommitGbit)),
    figureOf(`codec.prime${size}_ms`, 'ms', prime, budget(BUDGET.primeMs)),
    figureOf('codec.verify_row_us', 'µs', verify, budget(BUDGET.verifyRowUs)),
    figureOf(`codec.reconstruct${size}_ms`, 'ms', reconstruct, budget(BUDGET.reconstructOfEncode * encodeMs.median)),
  ];
}
