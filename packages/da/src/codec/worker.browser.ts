import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a codec worker: a Web Worker in browsers. */
export function spawnCodecWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/codec.job.ts', import.meta.url), { type: 'module', name: 'perigee-codec' }));
}
