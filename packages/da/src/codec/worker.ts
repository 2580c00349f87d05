import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a codec worker: a worker thread in Node. */
export function spawnCodecWorker(): WorkerLike {
  return nodeWorker(nodeJob('codec', import.meta.url));
}
