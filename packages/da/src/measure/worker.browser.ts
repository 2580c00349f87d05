import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a worker that measures: a Web Worker in browsers. */
export function spawnMeasureWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/measure.job.ts', import.meta.url), { type: 'module', name: 'perigee-measure' }));
}
