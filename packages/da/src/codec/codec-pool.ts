import { createPool, type Pool } from '@perigee/workers';
import { spawnCodecWorker } from '#codec-worker';
import type { CodecJobs } from './codec-jobs.ts';

/** Workers that extend, commit and verify, so that nothing of it runs where a program answers its peers or a page is drawn. */
export type CodecPool = Pool<CodecJobs>;

/** @param size workers at most; started when first needed */
export function createCodecPool(size: number): CodecPool {
  return createPool<CodecJobs>({ spawn: spawnCodecWorker, size });
}
