/** How 0G Storage pads and splits a file: everything follows from its length. */
import { FILE_CHUNK_BYTES, FILE_SEGMENT_BYTES, FILE_SEGMENT_CHUNKS, MAX_FILE_BYTES, PerigeeError } from '@perigee/wire';

export interface FileGeometry {
  /** Bytes. */
  readonly length: number;
  /** Chunks with data, and with the zeros that are stored and paid for behind them. */
  readonly chunks: number;
  readonly paddedChunks: number;
  /** Segments with data, and with those of zeros. Only the first are moved. */
  readonly segments: number;
  readonly paddedSegments: number;
  /** Chunks of the subtrees of its submission: powers of two, falling, padded chunks in all. */
  readonly nodes: readonly number[];
}

/** Padding is a sixteenth of the next power of two at most. */
const PADDING_PARTS = 16;

/**
 * @param length of the file, 1 to MAX_FILE_BYTES
 * @throws INVALID_ARGUMENT
 */
export function fileGeometry(length: number): FileGeometry {
  if (!Number.isSafeInteger(length) || length < 1 || length > MAX_FILE_BYTES) {
    throw new PerigeeError('INVALID_ARGUMENT', `a stored file has 1 to ${MAX_FILE_BYTES} bytes, not ${length}`);
  }
  const chunks = Math.ceil(length / FILE_CHUNK_BYTES);
  const power = nextPowerOfTwo(chunks);
  const unit = Math.max(1, power / PADDING_PARTS);
  const paddedChunks = Math.ceil(chunks / unit) * unit;
  return {
    length,
    chunks,
    paddedChunks,
    segments: Math.ceil(chunks / FILE_SEGMENT_CHUNKS),
    paddedSegments: Math.ceil(paddedChunks / FILE_SEGMENT_CHUNKS),
    nodes: fallingPowers(paddedChunks),
  };
}

/** The smallest power of two that is not below `count`; exact up to 2^52. */
export function nextPowerOfTwo(count: number): number {
  return 2 ** ceilLog2(count);
}

export function ceilLog2(count: number): number {
  let power = 0;
  while (2 ** power < count) power += 1;
  return power;
}

/** The powers of two that a number is the sum of, falling. */
function fallingPowers(count: number): number[] {
  const powers: number[] = [];
  let left = count;
  for (let power = nextPowerOfTwo(count); left > 0; power /= 2) {
    if (left < power) continue;
    powers.push(power);
    left -= power;
  }
  return powers;
}

/** @throws SEGMENT_INDEX unless the file has data in this segment */
export function checkSegmentIndex({ segments }: FileGeometry, index: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= segments) {
    throw new PerigeeError('SEGMENT_INDEX', `there is no segment ${index} in a file of ${segments}`, {
      data: { index, segments },
    });
  }
}

/** Bytes of a segment as it is moved: whole chunks, of which the last may end in zeros. */
export function segmentBytes({ chunks }: FileGeometry, index: number): number {
  return Math.min(FILE_SEGMENT_CHUNKS, chunks - index * FILE_SEGMENT_CHUNKS) * FILE_CHUNK_BYTES;
}

/** Bytes of a segment that are the file's. */
export function segmentDataBytes({ length }: FileGeometry, index: number): number {
  return Math.min(FILE_SEGMENT_BYTES, length - index * FILE_SEGMENT_BYTES);
}

/** Chunks that the root of a segment is over. */
export function paddedSegmentChunks({ paddedChunks }: FileGeometry, index: number): number {
  return Math.min(FILE_SEGMENT_CHUNKS, paddedChunks - index * FILE_SEGMENT_CHUNKS);
}
