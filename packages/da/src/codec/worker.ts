import type { WorkerLike } from '@perigee/workers';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** A hash of each row is all the garbage there is: collected often, it takes no memory beside the rows. */
const LIMITS = { maxYoungGenerationSizeMb: 3 };

/** Starts a codec worker: a worker thread in Node. */
export function spawnCodecWorker(): WorkerLike {
  return nodeWorker(nodeJob('codec', import.meta.url), LIMITS);
}
