import type { RowCommitment, RowShape } from '@perigee/wasm-codec';

/** A blob's rows, wherever they lie, and what they are opened from. */
export interface ExtendedBlob extends RowCommitment {
  /** Row `index` of K + N: a view that is good while the blob is held. It may lie in memory that threads share. */
  row(index: number): Uint8Array;
}

/** Rows that lie one after another, original ones first. */
export function rowsIn(rows: Uint8Array, { rowSize }: RowShape): (index: number) => Uint8Array {
  return (index) => rows.subarray(index * rowSize, (index + 1) * rowSize);
}
