import { buildJobs } from '../../scripts/build/jobs.mjs';
import { buildNode, buildNodeWasm } from '../../scripts/build/node.mjs';
import { buildTestPrograms } from '../../scripts/build/test-programs.mjs';

/** Makes the programs that tests start as processes equal to the source: `perigee`, and the adversary. The page is as it was built. */
export async function buildPrograms(): Promise<void> {
  await buildNodeWasm();
  await buildJobs();
  await buildNode();
  await buildTestPrograms();
}
