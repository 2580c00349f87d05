/** Proofs of a run of chunks of one file, whatever segments it lies in: the hashes of all that is beside the run. */
import { equal, FILE_CHUNK_BYTES, FILE_SEGMENT_CHUNKS, PerigeeError } from '@perigee/wire';
import type { FileTree } from './file-tree.ts';
import { ceilLog2, type FileGeometry, fileGeometry, nextPowerOfTwo, paddedSegmentChunks } from './geometry.ts';
import { type FileHash, parentOf, zeroHash } from './hash.ts';
import type { HashTree } from './hash-tree.ts';
import type { FileName } from './segment-proof.ts';

/** Chunks `first` to `first + count − 1`. */
export interface ChunkRange {
  readonly first: number;
  readonly count: number;
}

/** Roots of the largest subtrees beside the run that hold data, from left to right, 32 bytes each. */
export type RangeProof = readonly Uint8Array[];

/** What the tree over the padded file is to a run of its chunks. */
interface Visitor {
  /** All of these chunks are of the run: a segment or less of them. */
  inside(from: number, count: number): Uint8Array;
  /** None of them is, and the first at least has data. */
  beside(from: number, count: number): Uint8Array;
}

/**
 * @param inner nodes inside of a segment, over all its chunks with their padding; asked for the first and the last segment of the run only
 * @throws SEGMENT_INDEX when the file has no such chunks
 */
export function proveRange(
  { geometry, segments }: Pick<FileTree, 'geometry' | 'segments'>,
  range: ChunkRange,
  inner: (segment: number) => HashTree,
): RangeProof {
  checkRange(geometry, range);
  const proof: Uint8Array[] = [];
  const none = new Uint8Array(32);
  walk(geometry, range, () => none, {
    inside: () => none,
    beside: (from, count) => {
      const segment = Math.floor(from / FILE_SEGMENT_CHUNKS);
      const within = from - segment * FILE_SEGMENT_CHUNKS;
      // the last segment may be smaller than others
      if (within === 0 && count >= paddedSegmentChunks(geometry, segment)) {
        const level = ceilLog2(Math.ceil(count / FILE_SEGMENT_CHUNKS));
        proof.push(segments.node(level, segment / 2 ** level));
      } else {
        const level = ceilLog2(count);
        proof.push(inner(segment).node(level, within / 2 ** level));
      }
      return none;
    },
  });
  return proof;
}

/**
 * Check a run of chunks as it came from anybody.
 *
 * @param data all of its chunks, whole
 * @returns the bytes of them that are the file's: a view
 * @throws SEGMENT_INDEX, SEGMENT_SIZE, FILE_PROOF
 */
export function verifyRange(file: FileName, range: ChunkRange, data: Uint8Array, proof: RangeProof, hash: FileHash): Uint8Array {
  const geometry = fileGeometry(file.length);
  checkRange(geometry, range);
  const { first, count } = range;
  if (data.length !== count * FILE_CHUNK_BYTES) {
    throw new PerigeeError('SEGMENT_SIZE', `${count} chunks have ${count * FILE_CHUNK_BYTES} bytes, not ${data.length}`);
  }
  let used = 0;
  const root = walk(geometry, range, (left, right) => parentOf(left, right, hash), {
    inside: (from, chunks) => {
      const at = (from - first) * FILE_CHUNK_BYTES;
      return hash.root(data.subarray(at, at + chunks * FILE_CHUNK_BYTES), chunks);
    },
    beside: () => {
      const next = proof[used];
      used += 1;
      if (next?.length !== 32) throw bad(range, `hash ${used} of it is missing or has not 32 bytes`);
      return next;
    },
  });
  if (used !== proof.length) throw bad(range, `it has ${proof.length} hashes; ${used} are due`);
  if (!equal(root, file.root)) throw bad(range, 'it leads to another root');
  return data.subarray(0, Math.min(data.length, file.length - first * FILE_CHUNK_BYTES));
}

/** Put the root together from the run, what is beside it, and the zeros behind the file, which nobody needs to send. */
function walk(
  { chunks, paddedChunks }: FileGeometry,
  { first, count }: ChunkRange,
  parent: (left: Uint8Array, right: Uint8Array) => Uint8Array,
  visitor: Visitor,
): Uint8Array {
  const visit = (from: number, size: number): Uint8Array => {
    const end = from + size;
    // padding is a part of the file's smallest subtree, so what lies in it alone is a full subtree
    if (from >= chunks) return zeroHash(Math.log2(size));
    if (end <= first || from >= first + count) return visitor.beside(from, size);
    if (from >= first && end <= first + count && size <= FILE_SEGMENT_CHUNKS) return visitor.inside(from, size);
    const left = nextPowerOfTwo(size) / 2;
    const hashOfLeft = visit(from, left);
    return parent(hashOfLeft, visit(from + left, size - left));
  };
  return visit(0, paddedChunks);
}

/** @throws SEGMENT_INDEX */
function checkRange({ chunks }: FileGeometry, { first, count }: ChunkRange): void {
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || first < 0 || count < 1 || first + count > chunks) {
    throw new PerigeeError('SEGMENT_INDEX', `there are no ${count} chunks from ${first} in a file of ${chunks}`, {
      data: { first, count, chunks },
    });
  }
}

function bad({ first, count }: ChunkRange, why: string): PerigeeError {
  return new PerigeeError('FILE_PROOF', `proof of ${count} chunks from ${first} does not hold: ${why}`, {
    data: { first, count },
  });
}
