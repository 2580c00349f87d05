import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a verify worker: a Web Worker in browsers. */
export function spawnVerifyWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/verify.job.ts', import.meta.url), { type: 'module', name: 'perigee-verify' }));
}
