import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a worker for one retrieval: a Web Worker in browsers. */
export function spawnRetrieveWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/retrieve.job.ts', import.meta.url), { type: 'module', name: 'perigee-retrieve' }));
}
