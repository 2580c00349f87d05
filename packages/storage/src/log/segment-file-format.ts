/**
 * One file holds the segments that a node of a shard keeps of one submission. It describes itself, so a lost index is made anew from the files:
 *
 * ```
 * 'perigee-segs 01\n' ‖ u32le length ‖ SegmentFileHeader ‖ checksum      magic carries the version
 * slot 0 ‖ slot 1 ‖ …          one a segment of the shard, ascending: segment ‖ proof ‖ checksum
 * ```
 *
 * The proof is the root of the segment and the siblings above it, filled up with zeros to the longest path of the file; in a file of one segment there
 * is none. A checksum is SHA-256 over a label, the header's checksum and what it covers: a hole, a torn write, a flipped bit or a slot of
 * another file never reads as a segment.
 */
import { createHash } from 'node:crypto';
import { checkShard, type FileGeometry, fileGeometry, segmentBytes } from '@perigee/light-core/storage';
import {
  concat,
  equal,
  FILE_SEGMENT_BYTES,
  FILE_SEGMENT_CHUNKS,
  type FileProof,
  type Infer,
  MAX_FILE_SHARDS,
  merkleSides,
  message,
  PerigeeError,
  proto,
  type SegmentAnswer,
  u32le,
  u64be,
  utf8,
} from '@perigee/wire';

export const CHECKSUM_BYTES = 32;
const MAGIC = utf8('perigee-segs 01\n');
export const PREFIX_BYTES = MAGIC.length + 4;
/** The fixed fields, with room: bounds what is read of a damaged file. */
const MAX_HEADER_BYTES = 256;

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

export function checksum(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(label);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

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
  const encoded = SegmentFileHeader.encode(header);
  const headerChecksum = checksum('header', encoded);
  const first = (numShard + shardId - (Math.floor(header.startSector / FILE_SEGMENT_CHUNKS) % numShard)) % numShard;
  const slots = first < geometry.segments ? Math.floor((geometry.segments - 1 - first) / numShard) + 1 : 0;
  const proofBytes = geometry.paddedSegments === 1 ? 0 : 32 * (1 + depthOf(geometry));
  return {
    header,
    geometry,
    head: concat(MAGIC, u32le(encoded.length), encoded, headerChecksum),
    headerChecksum,
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
  bytes.set(slotChecksum(layout, index, bytes.subarray(0, -CHECKSUM_BYTES)), bytes.length - CHECKSUM_BYTES);
  return bytes;
}

/** @returns views of `bytes`; `undefined` when they fail their checksum */
export function decodeSlot(layout: SegmentFileLayout, slot: number, bytes: Uint8Array): SegmentAnswer | undefined {
  const index = segmentOf(layout, slot);
  if (bytes.length !== placeOf(layout, slot).bytes) return undefined;
  const covered = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!equal(bytes.subarray(-CHECKSUM_BYTES), slotChecksum(layout, index, covered))) return undefined;
  const dataBytes = covered.length - layout.proofBytes;
  return { index, data: covered.subarray(0, dataBytes), proof: proofOf(layout, index, covered.subarray(dataBytes)) };
}

function proofOf({ geometry, header }: SegmentFileLayout, index: number, hashes: Uint8Array): FileProof {
  if (hashes.length === 0) return { lemma: [header.root], path: [] };
  const path = merkleSides(index, geometry.paddedSegments).map((side) => side === 'left');
  const lemma = Array.from({ length: path.length + 1 }, (_, i) => hashes.subarray(32 * i, 32 * (i + 1)));
  return { lemma: [...lemma, header.root], path };
}

function slotChecksum(layout: SegmentFileLayout, index: number, covered: Uint8Array): Uint8Array {
  return checksum('slot', layout.headerChecksum, u64be(index), covered);
}

/**
 * @param prefix the first PREFIX_BYTES
 * @returns bytes of header and checksum that follow
 * @throws STORE_VERSION, STORE_CORRUPT
 */
export function readPrefix(prefix: Uint8Array): number {
  const name = MAGIC.length - 3;
  if (prefix.length !== PREFIX_BYTES || !equal(prefix.subarray(0, name), MAGIC.subarray(0, name))) {
    throw new PerigeeError('STORE_CORRUPT', 'not a file of segments');
  }
  if (!equal(prefix.subarray(0, MAGIC.length), MAGIC)) {
    throw new PerigeeError('STORE_VERSION', 'file of segments has another version: a newer program wrote it');
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(MAGIC.length, true);
  if (length > MAX_HEADER_BYTES) {
    throw new PerigeeError('STORE_CORRUPT', `file of segments announces a header of ${length} bytes`);
  }
  return length + CHECKSUM_BYTES;
}

/** @throws STORE_CORRUPT, PARSE */
export function readHeader(bytes: Uint8Array): SegmentFileHeader {
  const encoded = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!equal(bytes.subarray(-CHECKSUM_BYTES), checksum('header', encoded))) {
    throw new PerigeeError('STORE_CORRUPT', 'header of a file of segments fails its checksum');
  }
  return SegmentFileHeader.decode(encoded);
}
