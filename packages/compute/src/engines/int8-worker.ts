import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a worker that runs int8 models: a worker thread in Node. */
export function spawnInt8Worker(): WorkerLike {
  return nodeWorker(nodeJob('int8', import.meta.url));
}
