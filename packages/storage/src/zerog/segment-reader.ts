import { fileGeometry } from '@perigee/light-core/storage';
import { FILE_CHUNK_BYTES, FILE_SEGMENT_CHUNKS, type SegmentAnswer, type StoredFile } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import { invalidParam, ZGS_REASON } from './rpc-error.ts';

/** Where segments are read; `undefined` for one that is not there. */
export type ReadSegment = (file: StoredFile, index: number, signal: AbortSignal) => Promise<SegmentAnswer | undefined>;

/** What this node itself has on disk. */
export function ownSegments(log: FileLog): ReadSegment {
  return async ({ txSeq }, index) => {
    const answer = await log.read(txSeq, index);
    return typeof answer === 'object' ? answer : undefined;
  };
}

/** Segments and chunks of files as 0G's clients ask for them. */
export class SegmentReader {
  readonly #read: ReadSegment;

  constructor(read: ReadSegment) {
    this.#read = read;
  }

  async segment(file: StoredFile, index: number, signal: AbortSignal): Promise<SegmentAnswer | undefined> {
    if (index >= fileGeometry(file.length).segments) throw invalidParam('index', ZGS_REASON.segmentIndex);
    return this.#read(file, index, signal);
  }

  /**
   * Chunks of a file, whole, with the zeros behind its end; `undefined` when one of them is not there.
   *
   * @param end the chunk behind the last; at most a segment's count of them
   * @throws RpcError
   */
  async chunks(file: StoredFile, start: number, end: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { paddedChunks, segments } = fileGeometry(file.length);
    if (start >= end || end > paddedChunks) throw invalidParam('end_index', ZGS_REASON.chunkIndex);
    if (end - start > FILE_SEGMENT_CHUNKS) {
      throw invalidParam('end_index', `exceeds maximum chunks ${FILE_SEGMENT_CHUNKS}`);
    }
    const out = new Uint8Array((end - start) * FILE_CHUNK_BYTES);
    const last = Math.floor((end - 1) / FILE_SEGMENT_CHUNKS);
    for (let index = Math.floor(start / FILE_SEGMENT_CHUNKS); index <= Math.min(last, segments - 1); index++) {
      const found = await this.segment(file, index, signal);
      if (found === undefined) return undefined;
      const [from, to] = [start, end].map((chunk) => (chunk - index * FILE_SEGMENT_CHUNKS) * FILE_CHUNK_BYTES) as [
        number,
        number,
      ];
      const part = found.data.subarray(Math.max(0, from), Math.max(0, to));
      out.set(part, Math.max(0, -from));
    }
    return out;
  }
}
