import { FILE_SEGMENT_BYTES, FILE_SEGMENT_CHUNKS, MAX_FILE_BYTES, PerigeeError, type SubmissionNode } from '@perigee/wire';
import { type FileGeometry, fileGeometry, paddedSegmentChunks } from './geometry.ts';
import { type FileHash, zeroHash } from './hash.ts';
import { HashTree } from './hash-tree.ts';

/** Height of a full segment. */
export const SEGMENT_HEIGHT = Math.log2(FILE_SEGMENT_CHUNKS);

/** A file as its submission and its proofs need it. */
export interface FileTree {
  readonly geometry: FileGeometry;
  /** Data root, 32 bytes. It does not say how long the file is. */
  readonly root: Uint8Array;
  /** What a submission of it names. */
  readonly nodes: readonly SubmissionNode[];
  /** Over the roots of its padded segments. */
  readonly segments: HashTree;
}

/** Makes the tree of a file from its bytes in any pieces, each hashed once, holding one segment of them. */
export class FileTreeBuilder {
  readonly #hash: FileHash;
  /** The segment that may be the last: how much of it is padding is known at the end. */
  readonly #segment = new Uint8Array(FILE_SEGMENT_BYTES);
  #filled = 0;
  #roots = new Uint8Array(32 * 64);
  #count = 0;

  constructor(hash: FileHash) {
    this.#hash = hash;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#count * FILE_SEGMENT_BYTES + this.#filled;
  }

  /** @throws INVALID_ARGUMENT past MAX_FILE_BYTES */
  write(bytes: Uint8Array): void {
    if (this.length + bytes.length > MAX_FILE_BYTES) {
      throw new PerigeeError('INVALID_ARGUMENT', `a stored file has at most ${MAX_FILE_BYTES} bytes; store it in parts`);
    }
    let at = 0;
    while (at < bytes.length) {
      if (this.#filled === FILE_SEGMENT_BYTES) {
        this.#add(this.#segment);
        this.#filled = 0;
      }
      // whole segments that others follow need no copy
      if (this.#filled === 0 && bytes.length - at > FILE_SEGMENT_BYTES) {
        this.#add(bytes.subarray(at, at + FILE_SEGMENT_BYTES));
        at += FILE_SEGMENT_BYTES;
        continue;
      }
      const part = bytes.subarray(at, at + FILE_SEGMENT_BYTES - this.#filled);
      this.#segment.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  /**
   * The tree of all that was written. Nothing may be written afterwards.
   *
   * @throws INVALID_ARGUMENT for an empty file, which 0G Storage does not have
   */
  finish(): FileTree {
    const geometry = fileGeometry(this.length);
    const last = paddedSegmentChunks(geometry, this.#count);
    const inner = new HashTree(this.#hash.levels(this.#segment.subarray(0, this.#filled), last), last);
    this.#push(inner.root);
    return fileTreeOfSegments(geometry, this.#roots.subarray(0, 32 * this.#count), inner, this.#hash);
  }

  #add(segment: Uint8Array): void {
    this.#push(this.#hash.root(segment, FILE_SEGMENT_CHUNKS));
  }

  #push(root: Uint8Array): void {
    if (32 * (this.#count + 1) > this.#roots.length) {
      const grown = new Uint8Array(2 * this.#roots.length);
      grown.set(this.#roots);
      this.#roots = grown;
    }
    this.#roots.set(root, 32 * this.#count);
    this.#count += 1;
  }
}

/**
 * The tree of a file whose segments were hashed elsewhere.
 *
 * @param roots of the segments with data, 32 bytes each
 * @param last nodes inside of the last of them, over all its chunks with their padding
 * @throws INVALID_ARGUMENT
 */
export function fileTreeOfSegments(geometry: FileGeometry, roots: Uint8Array, last: HashTree, hash: FileHash): FileTree {
  const segments = segmentTreeOf(geometry, roots, hash);
  return { geometry, root: segments.root, nodes: nodesOf(geometry, segments, last), segments };
}

/** The tree of bytes that are there at once. @throws INVALID_ARGUMENT */
export function fileTreeOf(data: Uint8Array, hash: FileHash): FileTree {
  const builder = new FileTreeBuilder(hash);
  builder.write(data);
  return builder.finish();
}

/**
 * The tree over the segments of a file, whose root is the file's.
 *
 * @param roots of the segments with data, one after another; those of padding follow from the length
 * @throws INVALID_ARGUMENT when there are more or fewer than the length asks for
 */
export function segmentTreeOf({ segments, paddedSegments }: FileGeometry, roots: Uint8Array, hash: FileHash): HashTree {
  if (roots.length !== 32 * segments) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `a file of ${segments} segments has ${32 * segments} bytes of roots, not ${roots.length}`,
    );
  }
  const leaves = new Uint8Array(32 * paddedSegments);
  leaves.set(roots);
  // segments of padding are always whole: it is a multiple of the file's smallest subtree, which is then no smaller than a segment
  for (let i = segments; i < paddedSegments; i++) leaves.set(zeroHash(SEGMENT_HEIGHT), 32 * i);
  return HashTree.over(leaves, hash);
}

/** @param last nodes inside of the last segment with data, where subtrees smaller than a segment are */
function nodesOf({ nodes, segments: count }: FileGeometry, segments: HashTree, last: HashTree): SubmissionNode[] {
  let offset = 0;
  return nodes.map((chunks) => {
    const height = Math.log2(chunks);
    const inLast = offset - (count - 1) * FILE_SEGMENT_CHUNKS;
    const root =
      height >= SEGMENT_HEIGHT ? segments.node(height - SEGMENT_HEIGHT, offset / chunks) : last.node(height, inLast / chunks);
    offset += chunks;
    return { root, height };
  });
}
