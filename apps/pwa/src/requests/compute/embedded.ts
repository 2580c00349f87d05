import { MAX_EMBEDDING_INPUTS, MAX_PROMPT_BYTES, PerigeeError, utf8 } from '@perigee/wire';
import type { FoundText } from '../../model/index.ts';

/** Sentences that are searched at once. */
export const MAX_TEXTS = 1_000;
/** Of one request, bytes: it must fit sealed too. */
const BATCH_BYTES = MAX_PROMPT_BYTES / 4;
/** Texts that a search shows. */
const SHOWN = 10;

/** @throws INVALID_ARGUMENT */
export function batchesOf(texts: readonly string[]): readonly (readonly string[])[] {
  if (texts.length === 0 || texts.length > MAX_TEXTS) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `1 to ${MAX_TEXTS} sentences are embedded, one on each line, and not ${texts.length}`,
    );
  }
  const batches: string[][] = [[]];
  let bytes = 0;
  for (const text of texts) {
    const { length } = utf8(text);
    if (length > BATCH_BYTES)
      throw new PerigeeError('INVALID_ARGUMENT', `a sentence has ${length} bytes; at most ${BATCH_BYTES}`);
    if (bytes + length > BATCH_BYTES || (batches.at(-1)?.length ?? 0) === MAX_EMBEDDING_INPUTS) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(text);
    bytes += length;
  }
  return batches;
}

/** Vectors of an answer, each of length 1. @throws PARSE when they are not as many, or not of one size */
export function vectorsOf(chunks: readonly Uint8Array[], count: number, dimensions: number): Float32Array[] {
  if (chunks.length !== count || chunks.some(({ length }) => length !== 4 * dimensions)) {
    throw new PerigeeError('PARSE', `${count} vectors of ${dimensions} numbers were asked for, and something else came`);
  }
  return chunks.map((chunk) => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const vector = Float32Array.from({ length: dimensions }, (_, i) => view.getFloat32(4 * i, true));
    const length = Math.hypot(...vector);
    return length > 0 && Number.isFinite(length) ? vector.map((value) => value / length) : new Float32Array(dimensions);
  });
}

/** The texts whose meaning is nearest, nearest first. */
export function nearest(query: Float32Array, texts: readonly string[], vectors: readonly Float32Array[]): readonly FoundText[] {
  return texts
    .map((text, i) => ({ text, likeness: dot(query, vectors[i]) }))
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, SHOWN);
}

function dot(a: Float32Array, b: Float32Array | undefined): number {
  return b === undefined ? 0 : a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
