import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a worker that hashes and checks stored files: a worker thread in Node. */
export function spawnFilesWorker(): WorkerLike {
  return nodeWorker(nodeJob('files', import.meta.url));
}
