import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a worker that executes answers again: a Web Worker in browsers. */
export function spawnAuditWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../jobs/audit.job.ts', import.meta.url), { type: 'module', name: 'perigee-audit' }));
}
