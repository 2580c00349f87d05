import { BLOB_HEADER_BYTES, BLOB_VERSION, PerigeeError, u32be } from '@perigee/wire';
import { type BlobGeometry, blobGeometry } from './geometry.ts';

/**
 * Original rows of a blob: `00 ‖ u32be(length) ‖ data ‖ zeros` (PROTOCOL §1).
 *
 * @returns k · rowSize bytes, row after row
 * @throws BLOB_LENGTH when the data does not fit
 */
export function packBlob(data: Uint8Array, { k, rowSize }: BlobGeometry): Uint8Array {
  const size = k * rowSize;
  if (data.length < 1 || BLOB_HEADER_BYTES + data.length > size) {
    throw new PerigeeError('BLOB_LENGTH', `${data.length} bytes of data do not fit in ${k} rows of ${rowSize} bytes`);
  }
  const rows = new Uint8Array(size);
  rows[0] = BLOB_VERSION;
  rows.set(u32be(data.length), 1);
  rows.set(data, BLOB_HEADER_BYTES);
  return rows;
}

/**
 * Data of a blob, out of its original rows.
 *
 * @param rows k · rowSize bytes; a publisher may have written anything here, so the form is checked to the last byte
 * @param record what the blob's record says of it
 * @returns a view of `record.length` bytes
 * @throws BLOB_VERSION, BLOB_LENGTH, BLOB_GEOMETRY, BLOB_PADDING
 */
export function unpackBlob(
  rows: Uint8Array,
  record: { readonly length: number; readonly k: number; readonly rowSize: number },
): Uint8Array {
  // k and rowSize follow from the length alone; 2× allows every length that any redundancy allows
  const due = blobGeometry(record.length, 2);
  if (due.k !== record.k || due.rowSize !== record.rowSize) {
    throw new PerigeeError(
      'BLOB_GEOMETRY',
      `${record.length} bytes take ${due.k} rows of ${due.rowSize} bytes, not ${record.k} of ${record.rowSize}`,
    );
  }
  if (rows.length !== record.k * record.rowSize) {
    throw new PerigeeError('BLOB_GEOMETRY', `${rows.length} bytes are not ${record.k} original rows of ${record.rowSize} bytes`);
  }
  if (rows[0] !== BLOB_VERSION)
    throw new PerigeeError('BLOB_VERSION', `blob has version ${rows[0]}; only ${BLOB_VERSION} is known`);
  const length = new DataView(rows.buffer, rows.byteOffset).getUint32(1, false);
  if (length !== record.length) {
    throw new PerigeeError('BLOB_LENGTH', `blob says that it holds ${length} bytes, its record ${record.length}`);
  }
  const end = BLOB_HEADER_BYTES + length;
  for (let i = end; i < rows.length; i++) {
    if (rows[i] !== 0) throw new PerigeeError('BLOB_PADDING', `byte ${i} behind the data of a blob is ${rows[i]}, not zero`);
  }
  return rows.subarray(BLOB_HEADER_BYTES, end);
}
