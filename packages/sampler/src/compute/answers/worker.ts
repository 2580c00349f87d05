import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a worker that checks answers and receipts: a worker thread in Node. */
export function spawnAnswerWorker(): WorkerLike {
  return nodeWorker(nodeJob('answer', import.meta.url));
}
