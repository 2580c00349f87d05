import type { WorkerLike } from '@perigee/workers';
import { keepKernel } from '@perigee/workers/codec';
import { nodeJob, nodeWorker } from '@perigee/workers/node';

/** A hash of each row is all the garbage there is: collected often, it takes no memory beside the rows. */
const LIMITS = { maxYoungGenerationSizeMb: 3 };

/** Starts a codec worker: a worker thread in Node. */
export function spawnCodecWorker(): WorkerLike {
  keepKernel().catch(() => {}); // the worker meets the same, and says so
  return nodeWorker(nodeJob('codec', import.meta.url), LIMITS);
}
