import {
  type FileHash,
  type FileName,
  fileGeometry,
  HashTree,
  paddedSegmentChunks,
  verifySegment,
} from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, type SegmentAnswer } from '@perigee/wire';
import { type Transferred, transfer } from '@perigee/workers';

/** Roots of some segments, and the buffer that they were in, which moves back. */
export interface SegmentRoots {
  /** 32 bytes each. */
  readonly roots: Uint8Array;
  /** Nodes inside of the file's last segment, where it is among them: levels as `FileHash.levels` gives them. */
  readonly last: Uint8Array | undefined;
  readonly data: Uint8Array;
}

/** The work on bytes of stored files: it hashes them as fast as this thread can, and keeps nothing. */
export function createFileJobs(load: () => Promise<FileHash>) {
  let loading: Promise<FileHash> | undefined;
  const hasher = (): Promise<FileHash> => {
    loading ??= load().catch((error) => {
      loading = undefined; // the next job tries again
      throw error;
    });
    return loading;
  };
  return {
    /** Loads the kernel before it is needed. */
    async warm(): Promise<void> {
      await hasher();
    },

    /**
     * Roots of segments that lie one after another.
     *
     * @param input `length` of the file, bytes; `first`: number of the first segment; `data`: all its bytes from there, whole segments but for the file's last
     */
    async roots(input: { length: number; first: number; data: Uint8Array }): Promise<Transferred<SegmentRoots>> {
      const hash = await hasher();
      const geometry = fileGeometry(input.length);
      const { first, data } = input;
      const count = Math.ceil(data.length / FILE_SEGMENT_BYTES);
      const roots = new Uint8Array(32 * count);
      let last: Uint8Array | undefined;
      for (let i = 0; i < count; i++) {
        const bytes = data.subarray(i * FILE_SEGMENT_BYTES, (i + 1) * FILE_SEGMENT_BYTES);
        const chunks = paddedSegmentChunks(geometry, first + i);
        if (first + i === geometry.segments - 1) {
          last = hash.levels(bytes, chunks);
          roots.set(new HashTree(last, chunks).root, 32 * i);
        } else roots.set(hash.root(bytes, chunks), 32 * i);
      }
      return transfer({ roots, last, data }, [data.buffer]);
    },

    /**
     * Checks a segment as it came from anybody.
     *
     * @returns the bytes of it that are the file's; its buffer moves back
     * @throws SEGMENT_INDEX, SEGMENT_SIZE, FILE_PROOF
     */
    async verify(input: { file: FileName; answer: SegmentAnswer }): Promise<Transferred<Uint8Array>> {
      const { file, answer } = input;
      const data = verifySegment(file, answer, await hasher());
      return transfer(data, [data.buffer]);
    },
  };
}

export type FileJobs = ReturnType<typeof createFileJobs>;
