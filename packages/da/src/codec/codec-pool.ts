import { createPool, type Pool } from '@perigee/workers';
import { spawnCodecWorker } from '#codec-worker';
import type { CodecJobs } from './codec-jobs.ts';

/** Workers that extend, commit and verify, so that nothing of it runs where a program answers its peers or a page is drawn. */
export type CodecPool = Pool<CodecJobs>;

/** @param size workers at most; started when first needed */
export function createCodecPool(size: number): CodecPool {
  return createPool<CodecJobs>({ spawn: spawnCodecWorker, size });
}

/** Workers that extend one blob, for so many processors: more than these wait for memory, not for each other. */
const MAX_THREADS = 8;

/** @param processors as the system counts them */
export function codecThreads(processors: number): number {
  return Math.max(1, Math.min(MAX_THREADS, Math.trunc(processors) || 1));
}
