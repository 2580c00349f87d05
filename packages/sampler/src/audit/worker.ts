import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** Starts a worker that executes answers again: a worker thread in Node. */
export function spawnAuditWorker(): WorkerLike {
  return nodeWorker(nodeJob('audit', import.meta.url));
}
