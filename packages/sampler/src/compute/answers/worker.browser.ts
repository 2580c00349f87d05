import type { WorkerLike } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';

/** Starts a worker that checks answers and receipts: a Web Worker in browsers. */
export function spawnAnswerWorker(): WorkerLike {
  return webWorker(new Worker(new URL('../../jobs/answer.job.ts', import.meta.url), { type: 'module', name: 'perigee-answer' }));
}
