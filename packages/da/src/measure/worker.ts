import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a worker that measures: a worker thread in Node. */
export function spawnMeasureWorker(): WorkerLike {
  return nodeWorker(nodeJob('measure', import.meta.url));
}
