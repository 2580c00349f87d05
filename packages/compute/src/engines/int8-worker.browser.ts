import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a worker that runs int8 models: a Web Worker in browsers. */
export function spawnInt8Worker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/int8.job.ts', import.meta.url), { type: 'module', name: 'perigee-int8' }));
}
