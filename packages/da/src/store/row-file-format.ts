/**
 * One file holds the rows that one committee member keeps of one blob. It describes itself, so a lost index is rebuilt from the files:
 *
 * ```
 * 'perigee-rows 01\n' ‖ u32le length ‖ RowFileHeader ‖ checksum      magic carries the version
 * rlcOriginal (16 · k) ‖ checksum
 * slot 0 ‖ slot 1 ‖ …          one a row of `indices`, in that order: row ‖ path ‖ checksum
 * ```
 *
 * A checksum is SHA-256 over a label, the header's checksum and what it covers: a hole, a torn write, a flipped bit or a slot of
 * another file never reads as a row.
 */
import { createHash } from 'node:crypto';
import { concat, equal, type Infer, MAX_ROW_BYTES, message, PerigeeError, proto, u32le, utf8 } from '@perigee/wire';

export const CHECKSUM_BYTES = 32;
const MAGIC = utf8('perigee-rows 01\n');
export const PREFIX_BYTES = MAGIC.length + 4;
/** 32,768 indices and the fixed fields, with room: bounds what is read of a damaged file. */
const MAX_HEADER_BYTES = 80 * 1024;

export const RowFileHeader = message('RowFileHeader', {
  blobId: [1, proto.fixedBytes(33)],
  committeeHash: [2, proto.fixedBytes(32)],
  k: [3, proto.uint32(4_096)],
  n: [4, proto.uint32(32_768)],
  rowSize: [5, proto.uint32(MAX_ROW_BYTES)],
  rowRoot: [6, proto.fixedBytes(32)],
  /** Row of each slot, ascending. */
  indices: [7, proto.repeated(proto.uint32(65_535), 32_768)],
});
export type RowFileHeader = Infer<typeof RowFileHeader>;

export function checksum(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(label);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Where things lie in a file. */
export interface RowFileLayout {
  readonly headerChecksum: Uint8Array;
  readonly primeOffset: number;
  readonly primeBytes: number;
  readonly slotsOffset: number;
  readonly pathBytes: number;
  readonly slotBytes: number;
  readonly totalBytes: number;
}

export function layoutOf(header: RowFileHeader): RowFileLayout {
  const encoded = RowFileHeader.encode(header);
  const primeOffset = PREFIX_BYTES + encoded.length + CHECKSUM_BYTES;
  const primeBytes = 16 * header.k;
  const slotsOffset = primeOffset + primeBytes + CHECKSUM_BYTES;
  const pathBytes = 32 * Math.log2(header.k + header.n);
  const slotBytes = header.rowSize + pathBytes + CHECKSUM_BYTES;
  return {
    headerChecksum: checksum('header', encoded),
    primeOffset,
    primeBytes,
    slotsOffset,
    pathBytes,
    slotBytes,
    totalBytes: slotsOffset + header.indices.length * slotBytes,
  };
}

/** Everything before the first slot. */
export function encodeHead(header: RowFileHeader, rlcOriginal: Uint8Array): Uint8Array {
  const encoded = RowFileHeader.encode(header);
  const { headerChecksum } = layoutOf(header);
  return concat(
    MAGIC,
    u32le(encoded.length),
    encoded,
    headerChecksum,
    rlcOriginal,
    checksum('prime', headerChecksum, rlcOriginal),
  );
}

/**
 * @param prefix the first PREFIX_BYTES
 * @returns bytes of header and checksum that follow
 * @throws STORE_VERSION, STORE_CORRUPT
 */
export function readPrefix(prefix: Uint8Array): number {
  const name = MAGIC.length - 3;
  if (prefix.length !== PREFIX_BYTES || !equal(prefix.subarray(0, name), MAGIC.subarray(0, name))) {
    throw new PerigeeError('STORE_CORRUPT', 'not a file of rows');
  }
  if (!equal(prefix.subarray(0, MAGIC.length), MAGIC)) {
    throw new PerigeeError('STORE_VERSION', 'file of rows has another version: a newer program wrote it');
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(MAGIC.length, true);
  if (length > MAX_HEADER_BYTES) throw new PerigeeError('STORE_CORRUPT', `file of rows announces a header of ${length} bytes`);
  return length + CHECKSUM_BYTES;
}

/** @throws STORE_CORRUPT */
export function readHeader(bytes: Uint8Array): RowFileHeader {
  const encoded = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!equal(bytes.subarray(-CHECKSUM_BYTES), checksum('header', encoded))) {
    throw new PerigeeError('STORE_CORRUPT', 'header of a file of rows fails its checksum');
  }
  return RowFileHeader.decode(encoded);
}

export function slotChecksum(layout: RowFileLayout, index: number, rowAndPath: Uint8Array): Uint8Array {
  return checksum('slot', layout.headerChecksum, u32le(index), rowAndPath);
}
