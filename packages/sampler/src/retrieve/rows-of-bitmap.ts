/** Rows of a bitmap, ascending: bit i mod 8 of byte i div 8 is row i. @param total rows of the blob: what is beyond is left out */
export function rowsOfBitmap(bits: Uint8Array, total: number): number[] {
  const rows: number[] = [];
  const end = Math.min(total, 8 * bits.length);
  for (let index = 0; index < end; index++) if (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) rows.push(index);
  return rows;
}
