import {
  BLOB_HEADER_BYTES,
  BLOB_ROW_COUNTS,
  MAX_BLOB_BYTES,
  MAX_BLOB_BYTES_8X,
  MAX_ROW_BYTES,
  PerigeeError,
  type REDUNDANCIES,
  ROW_ALIGN_BYTES,
} from '@perigee/wire';

/** Total rows over original rows. */
export type Redundancy = (typeof REDUNDANCIES)[number];

/** How a blob is cut: `k` original rows and `n` parity rows of `rowSize` bytes. */
export interface BlobGeometry {
  readonly k: number;
  readonly n: number;
  readonly rowSize: number;
}

/** Geometry of a blob and the bytes of data in it, as promises, certificates and records carry them. */
export interface BlobShape extends BlobGeometry {
  readonly length: number;
}

/**
 * The geometry that PROTOCOL §1 gives to data of `length` bytes.
 *
 * @param length bytes of data, 1 to 32,505,852 (8,388,603 at 8×)
 * @throws BLOB_LENGTH when no geometry holds that much, BLOB_GEOMETRY for another redundancy than 2, 4 or 8
 */
export function blobGeometry(length: number, redundancy: Redundancy): BlobGeometry {
  if (redundancy !== 2 && redundancy !== 4 && redundancy !== 8) {
    throw new PerigeeError('BLOB_GEOMETRY', `redundancy ${redundancy} is not 2, 4 or 8`);
  }
  const longest = redundancy === 8 ? MAX_BLOB_BYTES_8X : MAX_BLOB_BYTES;
  if (!Number.isSafeInteger(length) || length < 1 || length > longest) {
    throw new PerigeeError('BLOB_LENGTH', `a blob at ${redundancy}× holds 1 to ${longest} bytes, not ${length}`, {
      data: { length, longest },
    });
  }
  for (const k of BLOB_ROW_COUNTS) {
    const rowSize = Math.ceil((BLOB_HEADER_BYTES + length) / k / ROW_ALIGN_BYTES) * ROW_ALIGN_BYTES;
    if (rowSize <= MAX_ROW_BYTES) return { k, n: (redundancy - 1) * k, rowSize };
  }
  throw new PerigeeError('BLOB_LENGTH', `${length} bytes fit no geometry`);
}

/** @throws BLOB_GEOMETRY when (k + n) / k is not 2, 4 or 8 */
export function redundancyOf({ k, n }: { readonly k: number; readonly n: number }): Redundancy {
  const redundancy = (k + n) / k;
  if (redundancy === 2 || redundancy === 4 || redundancy === 8) return redundancy;
  throw new PerigeeError('BLOB_GEOMETRY', `${k} + ${n} rows are not a redundancy of 2, 4 or 8`);
}

/**
 * Check that a shape is the one that PROTOCOL §1 gives to its length: there is no other for the same data.
 *
 * @throws BLOB_LENGTH, BLOB_GEOMETRY
 */
export function checkGeometry<T extends BlobShape>(shape: T): T {
  const due = blobGeometry(shape.length, redundancyOf(shape));
  if (due.k !== shape.k || due.rowSize !== shape.rowSize) {
    throw new PerigeeError(
      'BLOB_GEOMETRY',
      `${shape.length} bytes take ${due.k} rows of ${due.rowSize} bytes, not ${shape.k} of ${shape.rowSize}`,
    );
  }
  return shape;
}
