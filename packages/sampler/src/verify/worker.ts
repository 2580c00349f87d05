import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a verify worker: a worker thread in Node. */
export function spawnVerifyWorker(): WorkerLike {
  return nodeWorker(nodeJob('verify', import.meta.url));
}
