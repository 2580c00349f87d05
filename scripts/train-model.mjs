// @ts-check
// Trains the int8 language model anew: the same files come out each time (docs/model.md).
import { spawnSync } from 'node:child_process';
import { buildJobs } from './build/jobs.mjs';
import { buildNodeWasm } from './build/node.mjs';
import { buildTraining } from './build/training.mjs';
import { at, ROOT } from './lib/paths.mjs';
import { main, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';

await main(async () => {
  await setUp();
  await buildJobs();
  await buildNodeWasm();
  await buildTraining();
  const { status } = spawnSync(process.execPath, [at('dist/training/train-model.js'), ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new UserError('The training failed; what it said is above.');
});
