import { type ErrorCode, MAX_CODE_POSITIONS, MAX_CODEC_ROW_BYTES, PerigeeError, ROW_ALIGN_BYTES } from '@perigee/wire';
import type { Layout, RowShape } from './types.ts';

/** @throws `code` for the counts, ROW_SIZE */
function checkShape({ k, n, rowSize }: RowShape, code: ErrorCode): void {
  if (!Number.isInteger(k) || !Number.isInteger(n) || k < 1 || n < 1 || k + n > MAX_CODE_POSITIONS) {
    throw new PerigeeError(code, `K = ${k} and N = ${n} must be whole numbers from 1, together at most ${MAX_CODE_POSITIONS}`);
  }
  if (
    !Number.isInteger(rowSize) ||
    rowSize < ROW_ALIGN_BYTES ||
    rowSize > MAX_CODEC_ROW_BYTES ||
    rowSize % ROW_ALIGN_BYTES !== 0
  ) {
    throw new PerigeeError(
      'ROW_SIZE',
      `a row of ${rowSize} bytes is not a multiple of ${ROW_ALIGN_BYTES} from ${ROW_ALIGN_BYTES} to ${MAX_CODEC_ROW_BYTES}`,
    );
  }
}

/**
 * Any counts that the field has room for: `high` needs 2^⌈log2 N⌉ + K points of it, `low` 2^⌈log2 K⌉ + N.
 *
 * @throws INVALID_ARGUMENT, ROW_SIZE
 */
export function checkCode(shape: RowShape, layout: Layout): void {
  if (layout !== 'high' && layout !== 'low') throw new PerigeeError('INVALID_ARGUMENT', `there is no layout "${String(layout)}"`);
  checkShape(shape, 'INVALID_ARGUMENT');
  const { k, n } = shape;
  const points = layout === 'high' ? powerOfTwo(n) + k : powerOfTwo(k) + n;
  if (points > MAX_CODE_POSITIONS) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `K = ${k} and N = ${n} need ${points} points in layout ${layout}; the field has ${MAX_CODE_POSITIONS}`,
    );
  }
}

/**
 * The shapes that rsema1d commits to: K and K+N are powers of two.
 *
 * @throws BLOB_GEOMETRY, ROW_SIZE
 */
export function checkCommitted(shape: RowShape): void {
  checkShape(shape, 'BLOB_GEOMETRY');
  const { k, n } = shape;
  if (powerOfTwo(k) !== k || powerOfTwo(k + n) !== k + n) {
    throw new PerigeeError('BLOB_GEOMETRY', `K = ${k} and K + N = ${k + n} must be powers of two to be committed to`);
  }
  if (powerOfTwo(n) + k > MAX_CODE_POSITIONS) {
    throw new PerigeeError('BLOB_GEOMETRY', `K = ${k} and N = ${n} need more points than the ${MAX_CODE_POSITIONS} of the field`);
  }
}

/** @throws INVALID_ARGUMENT */
export function checkLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length)
    throw new PerigeeError('INVALID_ARGUMENT', `${name} has ${bytes.length} bytes instead of ${length}`);
}

/** The smallest power of two that is not below `count`. */
export function powerOfTwo(count: number): number {
  let power = 1;
  while (power < count) power *= 2;
  return power;
}

/** Bytes of each row to transform at once: measured best at 256 for all shapes while the work rows fit the second-level cache. */
const WIDTH_BYTES = 256;
const CACHE_BYTES = 2 * 1024 * 1024;

/** @param rows work rows that one transform sweeps */
export function columnWidth(rows: number, rowSize: number): number {
  let width = WIDTH_BYTES;
  while (width > ROW_ALIGN_BYTES && rows * width > CACHE_BYTES) width /= 2;
  return Math.min(width, rowSize);
}
