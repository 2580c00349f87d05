import type { RowShape } from '@perigee/wasm-codec';
import { PerigeeError } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { spawnMeasureWorker } from '#measure-worker';
import { createCodecPool } from '../codec/codec-pool.ts';
import type { MeasureJobs } from './measure-jobs.ts';
import { pipelineTime } from './pipeline.ts';
import { randomRows, SUBJECTS, type Subject } from './subjects.ts';

/** A number that was measured: medians and range of `n` samples. */
export interface DeviceFigure {
  readonly name: Subject | 'commit4x' | 'commit2x';
  readonly unit: 'ms' | 'µs' | 'MB/s' | 'Gbit/s';
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

export interface MeasureOptions {
  /** Workers that share the blobs that are measured on all threads. */
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Told what share is done, 0 to 1. */
  readonly onProgress: (done: number) => void;
  /** Rows measured on one thread, `MEASURED_SHAPE` by default, and on all of them at 4×, `LONGEST_SHAPE`. */
  readonly one?: RowShape;
  readonly all?: RowShape;
}

/** 8 MiB of data for one thread: a phone has room for it and its rows. */
export const MEASURED_SHAPE: RowShape = { k: 1_024, n: 3_072, rowSize: 8_192 };
/** The longest blob, for all threads. */
export const LONGEST_SHAPE: RowShape = { k: 4_096, n: 12_288, rowSize: 8_192 };
const ROUNDS = 5;
/** What moves so many bytes that a rate says more than a time. */
const RATES: ReadonlySet<Subject> = new Set<Subject>(['copy', 'encode', 'commit', 'hash']);
const MICROSECONDS: ReadonlySet<Subject> = new Set<Subject>(['verify', 'verifyBatch']);

/**
 * Measures the codec on this device: each subject on one thread, in turns, and the longest blob on all threads. What the device has no memory for is left out.
 *
 * @throws ABORTED, and what the codec throws
 */
export async function measureDevice({
  threads,
  signal,
  onProgress,
  one: measured = MEASURED_SHAPE,
  all = LONGEST_SHAPE,
}: MeasureOptions): Promise<DeviceFigure[]> {
  const rounds = 1 + ROUNDS;
  const total = rounds * (SUBJECTS.length + 2);
  let done = 0;
  const step = (): void => onProgress(++done / total);
  const one = createPool<MeasureJobs>({ spawn: spawnMeasureWorker, size: 1 });
  const figures: DeviceFigure[] = [];
  try {
    await one.run('prepare', measured, { signal });
    const taken = new Map<Subject, number[]>(SUBJECTS.map((subject) => [subject, []]));
    for (let round = 0; round < rounds; round++)
      for (const subject of SUBJECTS) {
        const ms = await one.run('measure', subject, { signal });
        if (round > 0) taken.get(subject)?.push(ms); // the first one warms
        step();
      }
    for (const [subject, samples] of taken) figures.push(figureOf(subject, samples, measured));
  } finally {
    await one.close();
  }
  for (const [name, n] of [
    ['commit4x', all.n],
    ['commit2x', all.k],
  ] as const) {
    const shape = { ...all, n };
    const samples = await pipelineTimes(shape, threads, rounds, signal, step);
    const bits = 8 * shape.k * shape.rowSize;
    if (samples.length > 0) figures.push(figure(name, 'Gbit/s', samples, (ms) => bits / 1e6 / ms));
  }
  onProgress(1);
  return figures;
}

async function pipelineTimes(
  shape: RowShape,
  threads: number,
  rounds: number,
  signal: AbortSignal,
  step: () => void,
): Promise<number[]> {
  const pool = createCodecPool(threads);
  const samples: number[] = [];
  try {
    const data = randomRows(shape.k * shape.rowSize);
    for (let round = 0; round < rounds; round++) {
      const ms = await pipelineTime(pool, shape, data, signal);
      if (round > 0) samples.push(ms);
      step();
    }
  } catch (error) {
    if (PerigeeError.from(error).code !== 'OUT_OF_MEMORY') throw error;
  } finally {
    await pool.close();
  }
  return samples;
}

function figureOf(subject: Subject, samples: readonly number[], { k, rowSize }: RowShape): DeviceFigure {
  if (RATES.has(subject)) return figure(subject, 'MB/s', samples, (ms) => (k * rowSize) / 1e3 / ms);
  return MICROSECONDS.has(subject)
    ? figure(subject, 'µs', samples, (ms) => 1_000 * ms)
    : figure(subject, 'ms', samples, (ms) => ms);
}

function figure(
  name: DeviceFigure['name'],
  unit: DeviceFigure['unit'],
  samples: readonly number[],
  value: (ms: number) => number,
): DeviceFigure {
  const sorted = samples.map(value).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
  return { name, unit, median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, n: sorted.length };
}
