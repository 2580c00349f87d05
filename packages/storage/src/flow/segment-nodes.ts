import { type FileHash, fileGeometry, HashTree, paddedSegmentChunks } from '@perigee/light-core/storage';
import { FILE_CHUNK_BYTES, FILE_SEGMENT_CHUNKS, type SegmentAnswer } from '@perigee/wire';
import type { LogFile } from '../log/kept-file.ts';

const SEGMENT_HEIGHT = Math.log2(FILE_SEGMENT_CHUNKS);

/** The nodes of the flow that a verified segment knows: all within it, and those beside the way from it to the node of its submission. */
export class SegmentNodes {
  /** First sector of the segment in the flow. */
  readonly #first: number;
  readonly #data: Uint8Array;
  readonly #within: HashTree;
  /** Siblings from the segment up to the node of the submission. */
  readonly #beside: readonly Uint8Array[];

  constructor({ length, startSector }: LogFile, { index, data, proof }: SegmentAnswer, hash: FileHash) {
    const geometry = fileGeometry(length);
    const chunks = paddedSegmentChunks(geometry, index);
    this.#first = startSector + index * FILE_SEGMENT_CHUNKS;
    this.#data = data;
    this.#within = new HashTree(hash.levels(data, chunks), chunks);
    let offset = 0;
    const node = geometry.nodes.find((size) => {
      offset += size;
      return index * FILE_SEGMENT_CHUNKS < offset;
    });
    // a subtree of the file that a submission names is full, so it is paired in the flow as in the file
    const above = Math.max(0, Math.log2(node ?? 1) - SEGMENT_HEIGHT);
    this.#beside = proof.lemma.slice(1, 1 + above);
  }

  /** Data of a sector of it; zeros in the padding. */
  sector(sector: number): Uint8Array {
    const bytes = new Uint8Array(FILE_CHUNK_BYTES);
    const at = (sector - this.#first) * FILE_CHUNK_BYTES;
    bytes.set(this.#data.subarray(at, at + FILE_CHUNK_BYTES));
    return bytes;
  }

  get(height: number, index: number): Uint8Array | undefined {
    const from = index * 2 ** height - this.#first;
    if (height <= SEGMENT_HEIGHT && from >= 0 && from + 2 ** height <= this.#within.leaves) {
      return this.#within.node(height, from / 2 ** height);
    }
    if (height < SEGMENT_HEIGHT) return undefined;
    const own = Math.floor(this.#first / 2 ** height);
    const sibling = own % 2 === 0 ? own + 1 : own - 1;
    return index === sibling ? this.#beside[height - SEGMENT_HEIGHT] : undefined;
  }
}
