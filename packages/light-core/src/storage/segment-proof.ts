/** Proofs that a segment is in a file (0G's `FileProof`), made and checked strictly. */
import { equal, type FileProof, merkleSides, PerigeeError, type SegmentAnswer } from '@perigee/wire';
import type { FileTree } from './file-tree.ts';
import { SEGMENT_HEIGHT } from './file-tree.ts';
import {
  checkSegmentIndex,
  type FileGeometry,
  fileGeometry,
  nextPowerOfTwo,
  paddedSegmentChunks,
  segmentBytes,
  segmentDataBytes,
} from './geometry.ts';
import { type FileHash, parentOf, zeroHash } from './hash.ts';

/** What the chain says of a file. The length must be the chain's, never a node's: the data root does not cover it. */
export interface FileName {
  /** Data root, 32 bytes. */
  readonly root: Uint8Array;
  readonly length: number;
}

/** @throws SEGMENT_INDEX */
export function proveSegment(
  { geometry, segments, root }: Pick<FileTree, 'geometry' | 'segments' | 'root'>,
  index: number,
): FileProof {
  checkSegmentIndex(geometry, index);
  if (geometry.paddedSegments === 1) return { lemma: [root], path: [] };
  return {
    lemma: [segments.node(0, index), ...segments.path(index), root],
    path: merkleSides(index, geometry.paddedSegments).map((side) => side === 'left'),
  };
}

/**
 * Check a segment as it came from anybody.
 *
 * @param data whole chunks, as they are moved
 * @returns the bytes of it that are the file's: a view, without the zeros behind the end of the file
 * @throws SEGMENT_INDEX, SEGMENT_SIZE, FILE_PROOF
 */
export function verifySegment(file: FileName, { index, data, proof }: SegmentAnswer, hash: FileHash): Uint8Array {
  const geometry = fileGeometry(file.length);
  checkSegmentIndex(geometry, index);
  const due = segmentBytes(geometry, index);
  if (data.length !== due) {
    throw new PerigeeError('SEGMENT_SIZE', `segment ${index} has ${data.length} bytes; ${due} are due`, { data: { index, due } });
  }
  const root = hash.root(data, paddedSegmentChunks(geometry, index));
  checkProof(geometry, file.root, index, root, proof, hash);
  return data.subarray(0, segmentDataBytes(geometry, index));
}

function checkProof(
  geometry: FileGeometry,
  fileRoot: Uint8Array,
  index: number,
  segmentRoot: Uint8Array,
  { lemma, path }: FileProof,
  hash: FileHash,
): void {
  const sides = merkleSides(index, geometry.paddedSegments);
  const lengthDue = sides.length === 0 ? 1 : sides.length + 2;
  if (lemma.length !== lengthDue || path.length !== sides.length) {
    throw bad(index, `it has ${lemma.length} hashes and ${path.length} sides; ${lengthDue} and ${sides.length} are due`);
  }
  if (lemma.some((one) => one.length !== 32)) throw bad(index, 'a hash in it has not 32 bytes');
  if (sides.some((side, level) => path[level] !== (side === 'left'))) throw bad(index, 'its path leads to another place');
  if (!equal(lemma[0] as Uint8Array, segmentRoot)) throw bad(index, 'it is of other data');
  if (!equal(lemma.at(-1) as Uint8Array, fileRoot)) throw bad(index, 'it is of another file');
  let node = segmentRoot;
  spansOf(index, geometry.paddedSegments).forEach(({ side, sibling: [from, count] }, level) => {
    const sibling = lemma[level + 1] as Uint8Array;
    if (side === 'left' && from >= geometry.segments && !equal(sibling, zerosOver(count))) {
      throw bad(index, 'what it has behind the end of the file is not zeros');
    }
    node = side === 'left' ? parentOf(node, sibling, hash) : parentOf(sibling, node, hash);
  });
  if (!equal(node, fileRoot)) throw bad(index, 'it leads to another root');
}

interface Span {
  readonly side: 'left' | 'right';
  /** First segment below the sibling, and how many. */
  readonly sibling: readonly [from: number, count: number];
}

/** What each sibling of a leaf stands for, from the leaf up. */
function spansOf(index: number, total: number): Span[] {
  const spans: Span[] = [];
  for (let [from, count] = [0, total]; count > 1; ) {
    const left = nextPowerOfTwo(count) / 2;
    if (index < from + left) {
      spans.unshift({ side: 'left', sibling: [from + left, count - left] });
      count = left;
    } else {
      spans.unshift({ side: 'right', sibling: [from, left] });
      from += left;
      count -= left;
    }
  }
  return spans;
}

/** Root over segments of zeros: a power of two of them, or several of those that fall. */
function zerosOver(segments: number): Uint8Array {
  return zeroHash(SEGMENT_HEIGHT + Math.log2(segments));
}

function bad(index: number, why: string): PerigeeError {
  return new PerigeeError('FILE_PROOF', `proof of segment ${index} does not hold: ${why}`, { data: { index } });
}
