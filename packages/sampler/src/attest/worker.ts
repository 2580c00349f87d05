import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a worker that verifies evidence of hardware: a worker thread in Node. */
export function spawnAttestWorker(): WorkerLike {
  return nodeWorker(nodeJob('attest', import.meta.url));
}
