/**
 * One file holds the rows that one committee member keeps of one blob. It describes itself, so a lost index is made anew from the files:
 *
 * ```
 * 'perigee-rows 01\n' ‖ u32le length ‖ RowFileHeader ‖ checksum      magic carries the version
 * rlcOriginal (16 · k) ‖ checksum
 * slot 0 ‖ slot 1 ‖ …          one a row of `indices`, in that order: row ‖ path ‖ checksum
 * ```
 *
 * A checksum is SHA-256 over a label, the header's checksum and what it covers; that of a slot also over u32le of the row's index.
 */
import { CHECKSUM_BYTES, encodeHead, type FileFormat } from '@perigee/disk';
import { type Infer, MAX_ROW_BYTES, message, proto } from '@perigee/wire';

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

export const ROW_FILE: FileFormat<RowFileHeader> = {
  magic: 'perigee-rows 01\n',
  what: 'rows',
  header: RowFileHeader,
  // 32,768 indices and the fixed fields, with room
  maxHeaderBytes: 80 * 1024,
};

/** Where things lie in a file. */
export interface RowFileLayout {
  /** Everything before the prime data. */
  readonly head: Uint8Array;
  readonly headerChecksum: Uint8Array;
  readonly primeBytes: number;
  readonly slotsOffset: number;
  readonly pathBytes: number;
  readonly slotBytes: number;
  readonly totalBytes: number;
}

export function layoutOf(header: RowFileHeader): RowFileLayout {
  const head = encodeHead(ROW_FILE, header);
  const primeBytes = 16 * header.k;
  const slotsOffset = head.length + primeBytes + CHECKSUM_BYTES;
  const pathBytes = 32 * Math.log2(header.k + header.n);
  const slotBytes = header.rowSize + pathBytes + CHECKSUM_BYTES;
  return {
    head,
    headerChecksum: head.subarray(-CHECKSUM_BYTES),
    primeBytes,
    slotsOffset,
    pathBytes,
    slotBytes,
    totalBytes: slotsOffset + header.indices.length * slotBytes,
  };
}
