import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a worker that hashes and checks stored files: a Web Worker in browsers. */
export function spawnFilesWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/files.job.ts', import.meta.url), { type: 'module', name: 'perigee-files' }));
}
