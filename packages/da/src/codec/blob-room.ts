import type { ExtendedBlob } from './extended-blob.ts';

export interface ExtendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what share is done, 0 to 1, from time to time. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Keeps the workers for the next blob, with the memory that they have. */
  readonly keepWorkers?: boolean;
}

/** Room for the rows of one blob. */
export interface BlobRoom {
  /** K original rows that may hold anything, to be filled where they are. */
  readonly original: Uint8Array;
  /**
   * Extends the rows and commits to them, on all workers of the pool. Once only.
   *
   * @throws ABORTED, OUT_OF_MEMORY, INTERNAL (a worker died)
   */
  extend(options?: ExtendOptions): Promise<ExtendedBlob>;
}

/** Workers that held this much end when the rows are extended, so that a program does not hold their memory while it uploads. */
export const RETIRE_BYTES = 1 << 25;
