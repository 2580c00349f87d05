import {
  formatWeights,
  MAX_MULTIPLIER,
  MAX_SHIFT,
  type Matrix,
  type Merge,
  MIN_MULTIPLIER,
  MIN_SHIFT,
} from '@perigee/light-core/model';
import { PerigeeError } from '@perigee/wire';
import type { TrainingShape } from './shape.ts';

/** Fractional bits of what the matrices take and give; `docs/model.md`, "Units". */
const UNITS = { normal: 10, score: 8, value: 10, up: 10, inner: 9, state: 12 };

/**
 * Makes a file of weights of trained parameters: each row gets the scale that brings its largest weight to 127.
 *
 * @throws INVALID_ARGUMENT when a row is too large for its scale, or a parameter is no number
 */
export function quantise(
  parameters: Float32Array,
  shape: TrainingShape,
  options: { readonly name: string; readonly merges: readonly Merge[]; readonly context: number },
): Uint8Array {
  const { vocabulary, width, layers, heads, inner, length, slopes } = shape;
  let at = 0;
  const take = (rows: number, columns: number, scaleOf: (row: number) => number): Matrix => {
    const matrix = quantiseMatrix(parameters.subarray(at, at + rows * columns), rows, columns, scaleOf);
    at += rows * columns;
    return matrix;
  };
  const [toState, toScore] = [2 ** (UNITS.state - UNITS.normal), 2 ** (UNITS.score - UNITS.normal)];
  const embedding = take(vocabulary, width, () => toState);
  const rest = Array.from({ length: layers }, () => ({
    // queries, which are divided by the root of their length; keys; values
    qkv: take(3 * width, width, (row) =>
      row < width ? toScore / Math.sqrt(width / heads) : row < 2 * width ? toScore : 2 ** (UNITS.value - UNITS.normal),
    ),
    out: take(width, width, () => 2 ** (UNITS.state - UNITS.value)),
    up: take(inner, width, () => 2 ** (UNITS.up - UNITS.normal)),
    down: take(width, inner, () => 2 ** (UNITS.state - UNITS.inner)),
  }));
  return formatWeights({
    name: options.name,
    shape: { vocabulary, width, layers, heads, inner, reach: length, context: options.context, slopes },
    merges: options.merges,
    embedding,
    layers: rest,
  });
}

function quantiseMatrix(values: Float32Array, rows: number, columns: number, scaleOf: (row: number) => number): Matrix {
  const multipliers = new Uint16Array(rows);
  const shifts = new Uint8Array(rows).fill(MIN_SHIFT);
  const weights = new Int8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const most = values.subarray(from, from + columns).reduce((sum, value) => Math.max(sum, Math.abs(value)), 0);
    if (!Number.isFinite(most)) throw new PerigeeError('INVALID_ARGUMENT', 'a parameter is not a number: the training failed');
    if (most === 0) continue;
    for (let i = from; i < from + columns; i++) weights[i] = Math.round(((values[i] as number) / most) * 127);
    [multipliers[row], shifts[row]] = rowScale((most / 127) * scaleOf(row));
  }
  return { rows, columns, multipliers, shifts, weights };
}

/** @returns multiplier and shift, of which multiplier / 2^shift is nearest */
function rowScale(scale: number): readonly [multiplier: number, shift: number] {
  let shift = MIN_SHIFT;
  let multiplier = scale * 2 ** shift;
  while (multiplier < MIN_MULTIPLIER && shift < MAX_SHIFT) {
    shift++;
    multiplier *= 2;
  }
  const whole = Math.round(multiplier);
  if (whole < MIN_MULTIPLIER) return [0, MIN_SHIFT]; // too small to change anything
  if (whole <= MAX_MULTIPLIER) return [whole, shift];
  if (shift > MIN_SHIFT) return [MIN_MULTIPLIER, shift - 1]; // rounded up to the next power of two
  throw new PerigeeError('INVALID_ARGUMENT', `a row of scale ${scale} is too large for an int8 model`);
}
