/** Where the bytes of the content lie in an encrypted file. */
import { concat, FILE_SEGMENT_BYTES, PerigeeError, u32be, u64be } from '@perigee/wire';
import { type SealedHeader, sealedHeaderBytes } from './sealed-header.ts';

/** Tag of AES-GCM, at the end of each record. */
export const SEALED_TAG_BYTES = 16;
const TAG = SEALED_TAG_BYTES;
/** Bytes of a block of AES. */
const BLOCK = 16;

/** A part of a file of version 3 that is encrypted by itself: it ends where a stored segment ends, so that to read a range takes no segment more. */
export interface SealedRecord {
  readonly index: number;
  /** Of the stored file, the header not counted; tag at the end. */
  readonly storedFrom: number;
  readonly storedTo: number;
  /** Of the content. */
  readonly from: number;
  readonly to: number;
}

/** Length of the stored file. */
export function sealedLengthOf(header: SealedHeader, plainLength: number): number {
  const bytes = sealedHeaderBytes(header);
  if (header.version !== 3) return bytes + plainLength;
  const records = recordCount(bytes, plainLength);
  return bytes + plainLength + TAG * records;
}

/** Length of the content. @throws SEALED when no content has a stored file of this length, or another one than the header says */
export function plainLengthOf(header: SealedHeader, storedLength: number): number {
  const plain = header.version === 3 ? header.length : storedLength - sealedHeaderBytes(header);
  if (plain >= 0 && sealedLengthOf(header, plain) === storedLength) return plain;
  throw new PerigeeError('SEALED', `an encrypted file of ${storedLength} bytes does not have the length that its header says`);
}

/** Records of version 3 that a range of the content is in, ascending. */
export function recordsOf(header: SealedHeader & { readonly version: 3 }, from: number, to: number): SealedRecord[] {
  const bytes = sealedHeaderBytes(header);
  const first = FILE_SEGMENT_BYTES - TAG - bytes;
  const full = FILE_SEGMENT_BYTES - TAG;
  const indexOf = (at: number): number => (at < first ? 0 : 1 + Math.floor((at - first) / full));
  const startOf = (index: number): number => (index === 0 ? 0 : first + (index - 1) * full);
  const records: SealedRecord[] = [];
  for (let index = indexOf(from); startOf(index) < to; index++) {
    const [start, end] = [startOf(index), Math.min(startOf(index + 1), header.length)];
    const storedFrom = Math.max(index * FILE_SEGMENT_BYTES, bytes);
    records.push({ index, storedFrom, storedTo: storedFrom + end - start + TAG, from: start, to: end });
  }
  return records;
}

/** Nonce of a record, 12 bytes: a key is of one file. */
export function recordNonce(index: number): Uint8Array {
  return concat(u32be(0), u64be(index));
}

/** Counter of AES-CTR, 16 bytes, at a place of the content that is a multiple of 16. */
export function streamCounter(nonce: Uint8Array, at: number): Uint8Array {
  const view = new DataView(nonce.buffer, nonce.byteOffset, BLOCK);
  const sum = (view.getBigUint64(0) << 64n) + view.getBigUint64(8) + BigInt(Math.floor(at / BLOCK));
  return concat(u64be(BigInt.asUintN(64, sum >> 64n)), u64be(BigInt.asUintN(64, sum)));
}

/** An empty content has none. */
function recordCount(headerBytes: number, plainLength: number): number {
  const first = FILE_SEGMENT_BYTES - TAG - headerBytes;
  if (plainLength === 0) return 0;
  return 1 + Math.ceil(Math.max(0, plainLength - first) / (FILE_SEGMENT_BYTES - TAG));
}
