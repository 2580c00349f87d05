/**
 * One file holds the segments that a node of a shard keeps of one submission. It describes itself, so a lost index is made anew from the files:
 *
 * ```
 * 'perigee-segs 01\n' ‖ u32le length ‖ SegmentFileHeader ‖ checksum      magic carries the version
 * slot 0 ‖ slot 1 ‖ …          one a segment of the shard, ascending: segment ‖ proof ‖ checksum
 * ```
 *
 * The proof is the root of the segment and the siblings above it, filled up with zeros to the longest path of the file; in a file of one segment there
 * is none. A checksum is SHA-256 over a label, the header's checksum, u64be of the segment's index, and segment and proof.
 */
import { CHECKSUM_BYTES, checkedSlot, encodeHead, type FileFormat, sumSlot } from '@perigee/disk';
import { checkShard, type FileGeometry, fileGeometry, segmentBytes } from '@perigee/light-core/storage';
import {
  concat,
  FILE_SEGMENT_BYTES,
  FILE_SEGMENT_CHUNKS,
  type FileProof,
  type Infer,
  MAX_FILE_SHARDS,
  merkleSides,
  message,
  proto,
  type SegmentAnswer,
  u64be,
} from '@perigee/wire';

export const SegmentFileHeader = message('SegmentFileHeader', {
  txSeq: [1, proto.uint53()],
  /** Data root. */
  root: [2, proto.fixedBytes(32)],
  /** Of the whole file, bytes. */
  length: [3, proto.uint53()],
  /** First sector in the flow. */
  startSector: [4, proto.uint53()],
  shardId: [5, proto.uint32(MAX_FILE_SHARDS - 1)],
  numShard: [6, proto.uint32(MAX_FILE_SHARDS)],
});
export type SegmentFileHeader = Infer<typeof SegmentFileHeader>;

export const SEGMENT_FILE: FileFormat<SegmentFileHeader> = {
  magic: 'perigee-segs 01\n',
  what: 'segments',
  header: SegmentFileHeader,
  // the fixed fields, with room
  maxHeaderBytes: 256,
};

/** Where things lie in a file. */
export interface SegmentFileLayout {
  readonly header: SegmentFileHeader;
  readonly geometry: FileGeometry;
  /** Everything before the first slot. */
  readonly head: Uint8Array;
  readonly headerChecksum: Uint8Array;
  /** Segments of the shard that have data. */
  readonly slots: number;
  /** Segment of slot 0. */
  readonly first: number;
  readonly proofBytes: number;
  /** From one slot to the next; the last may be shorter. */
  readonly slotBytes: number;
}

/** @throws INVALID_ARGUMENT for a length or a shard that there is not */
export function layoutOf(header: SegmentFileHeader): SegmentFileLayout {
  const { shardId, numShard } = checkShard(header);
  const geometry = fileGeometry(header.length);
  const head = encodeHead(SEGMENT_FILE, header);
  const first = (numShard + shardId - (Math.floor(header.startSector / FILE_SEGMENT_CHUNKS) % numShard)) % numShard;
  const slots = first < geometry.segments ? Math.floor((geometry.segments - 1 - first) / numShard) + 1 : 0;
  const proofBytes = geometry.paddedSegments === 1 ? 0 : 32 * (1 + depthOf(geometry));
  return {
    header,
    geometry,
    head,
    headerChecksum: head.subarray(-CHECKSUM_BYTES),
    slots,
    first,
    proofBytes,
    slotBytes: FILE_SEGMENT_BYTES + proofBytes + CHECKSUM_BYTES,
  };
}

/** Siblings on the longest way from a segment to the root: that of the first. */
function depthOf({ paddedSegments }: FileGeometry): number {
  return merkleSides(0, paddedSegments).length;
}

/** Slot of a segment; `undefined` when it is not of the shard, or not of the file. */
export function slotOf({ first, slots, header }: SegmentFileLayout, index: number): number | undefined {
  const slot = (index - first) / header.numShard;
  return Number.isInteger(slot) && slot >= 0 && slot < slots ? slot : undefined;
}

/** Segment of a slot. */
export function segmentOf({ first, header }: SegmentFileLayout, slot: number): number {
  return first + slot * header.numShard;
}

/** @returns where a slot begins, and its bytes */
export function placeOf(layout: SegmentFileLayout, slot: number): { readonly offset: number; readonly bytes: number } {
  const data = segmentBytes(layout.geometry, segmentOf(layout, slot));
  return {
    offset: layout.head.length + slot * layout.slotBytes,
    bytes: data + layout.proofBytes + CHECKSUM_BYTES,
  };
}

/** Bytes of the file when all of `shard` is in it. */
export function totalBytes(layout: SegmentFileLayout): number {
  if (layout.slots === 0) return layout.head.length;
  const { offset, bytes } = placeOf(layout, layout.slots - 1);
  return offset + bytes;
}

/** @param answer verified */
export function encodeSlot(layout: SegmentFileLayout, { index, data, proof }: SegmentAnswer): Uint8Array {
  const bytes = new Uint8Array(data.length + layout.proofBytes + CHECKSUM_BYTES);
  bytes.set(data);
  // the last hash is the root of the file
  if (layout.proofBytes > 0) bytes.set(concat(...proof.lemma.slice(0, -1)), data.length);
  sumSlot(bytes, layout.headerChecksum, u64be(index));
  return bytes;
}

/** @returns views of `bytes`; `undefined` when they fail their checksum */
export function decodeSlot(layout: SegmentFileLayout, slot: number, bytes: Uint8Array): SegmentAnswer | undefined {
  const index = segmentOf(layout, slot);
  if (bytes.length !== placeOf(layout, slot).bytes) return undefined;
  const covered = checkedSlot(bytes, layout.headerChecksum, u64be(index));
  if (covered === undefined) return undefined;
  const dataBytes = covered.length - layout.proofBytes;
  return { index, data: covered.subarray(0, dataBytes), proof: proofOf(layout, index, covered.subarray(dataBytes)) };
}

function proofOf({ geometry, header }: SegmentFileLayout, index: number, hashes: Uint8Array): FileProof {
  if (hashes.length === 0) return { lemma: [header.root], path: [] };
  const path = merkleSides(index, geometry.paddedSegments).map((side) => side === 'left');
  const lemma = Array.from({ length: path.length + 1 }, (_, i) => hashes.subarray(32 * i, 32 * (i + 1)));
  return { lemma: [...lemma, header.root], path };
}
