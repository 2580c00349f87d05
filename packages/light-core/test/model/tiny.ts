import { createHash } from 'node:crypto';
import { FIRST_MERGE, formatWeights, type Matrix, type Merge, type Weights } from '../../src/model/index.ts';

/** A model too small to know anything, which is enough to compute with. Its weights are bytes of SHA-256 in counter mode. */
export function tinyWeights(seed: string, change: Partial<Weights['shape']> = {}): Weights {
  const shape = {
    vocabulary: 264,
    width: 16,
    layers: 2,
    heads: 2,
    inner: 32,
    reach: 8,
    context: 64,
    slopes: [1, 31],
    ...change,
  };
  let counter = 0;
  const bytes = (length: number): Uint8Array => {
    const out = new Uint8Array(Math.ceil(length / 32) * 32);
    for (let at = 0; at < length; at += 32) out.set(createHash('sha256').update(`${seed} ${counter++}`).digest(), at);
    return out.subarray(0, length);
  };
  const matrix = (rows: number, columns: number): Matrix => ({
    rows,
    columns,
    multipliers: Uint16Array.from(bytes(rows), (byte) => (1 << 14) + 60 * byte),
    shifts: Uint8Array.from(bytes(rows), (byte) => 21 + (byte & 1)),
    weights: Int8Array.from(bytes(rows * columns)),
  });
  const merges: Merge[] = [
    [0x74, 0x68], // th
    [FIRST_MERGE, 0x65], // the
    [0x20, FIRST_MERGE + 1], // the after a space
  ];
  const { vocabulary, width, inner, layers } = shape;
  return {
    name: 'tiny',
    shape,
    merges: merges.slice(0, vocabulary - FIRST_MERGE),
    embedding: matrix(vocabulary, width),
    layers: Array.from({ length: layers }, () => ({
      qkv: matrix(3 * width, width),
      out: matrix(width, width),
      up: matrix(inner, width),
      down: matrix(width, inner),
    })),
  };
}

export function tinyFile(seed: string, change: Partial<Weights['shape']> = {}): Uint8Array {
  return formatWeights(tinyWeights(seed, change));
}
