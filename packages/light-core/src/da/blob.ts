import { BLOB_HEADER_BYTES, BLOB_VERSION, PerigeeError, u32be } from '@perigee/wire';
import { type BlobGeometry, blobGeometry } from './geometry.ts';

/** Original rows of a blob, with room for its data. */
export interface BlobRows {
  /** k · rowSize bytes, row after row. */
  readonly rows: Uint8Array;
  /** The place of the data in them. */
  readonly data: Uint8Array;
}

/**
 * Original rows of a blob: `00 ‖ u32be(length) ‖ data ‖ zeros` (PROTOCOL §1), all but the data.
 *
 * @param rows where they shall be, k · rowSize bytes that may hold anything; a new array by default
 * @throws BLOB_LENGTH when the data will not fit
 */
export function blobRows(length: number, { k, rowSize }: BlobGeometry, rows: Uint8Array = new Uint8Array(k * rowSize)): BlobRows {
  const size = k * rowSize;
  if (length < 1 || BLOB_HEADER_BYTES + length > size) {
    throw new PerigeeError('BLOB_LENGTH', `${length} bytes of data do not fit in ${k} rows of ${rowSize} bytes`);
  }
  if (rows.length !== size) throw new PerigeeError('INVALID_ARGUMENT', `rows have ${rows.length} bytes instead of ${size}`);
  rows[0] = BLOB_VERSION;
  rows.set(u32be(length), 1);
  rows.fill(0, BLOB_HEADER_BYTES + length);
  return { rows, data: rows.subarray(BLOB_HEADER_BYTES, BLOB_HEADER_BYTES + length) };
}

/**
 * @returns original rows of a blob with this data
 * @throws BLOB_LENGTH when it does not fit
 */
export function packBlob(data: Uint8Array, geometry: BlobGeometry): Uint8Array {
  const { rows, data: place } = blobRows(data.length, geometry);
  place.set(data);
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
