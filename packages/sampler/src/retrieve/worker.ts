import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a worker for one retrieval: a worker thread in Node. */
export function spawnRetrieveWorker(): WorkerLike {
  return nodeWorker(nodeJob('retrieve', import.meta.url));
}
