import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a worker that verifies evidence of hardware: a Web Worker in browsers. */
export function spawnAttestWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/attest.job.ts', import.meta.url), { type: 'module', name: 'perigee-attest' }));
}
