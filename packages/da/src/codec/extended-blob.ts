import type { RowCommitment, RowShape } from '@perigee/wasm-codec';

/** A blob's rows, wherever they lie, and what they are opened from. */
export interface ExtendedBlob extends RowCommitment {
  /** Row `index` of K + N: a view until `release`. It may lie in memory that threads share, which not all of the platform's functions take. */
  row(index: number): Uint8Array;
  /** The rows and the tree are needed no more: the next blob may have their memory. */
  release(): void;
}

/** Rows that lie one after another, original ones first. */
export function rowsIn(rows: Uint8Array, { rowSize }: RowShape): (index: number) => Uint8Array {
  return (index) => rows.subarray(index * rowSize, (index + 1) * rowSize);
}
