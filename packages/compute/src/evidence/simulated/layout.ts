/**
 * Bytes of a fixed length, with fields at their places and zeros between.
 *
 * @param fields by offset, bytes
 */
export function layout(length: number, fields: Readonly<Record<number, Uint8Array | undefined>>): Uint8Array {
  const out = new Uint8Array(length);
  for (const [offset, bytes] of Object.entries(fields)) if (bytes !== undefined) out.set(bytes, Number(offset));
  return out;
}
