import { buildJobs, buildTestJobs } from '../scripts/build/jobs.mjs';
import { buildNodeWasm } from '../scripts/build/node.mjs';
import { ownTmpdir } from './own-tmpdir.ts';

/** Tests start worker threads from bundles: this keeps them equal to the source. */
export async function setup(): Promise<() => void> {
  await buildJobs();
  await buildTestJobs();
  await buildNodeWasm();
  return ownTmpdir();
}
