// @ts-check
// Writes the answers of the committed model into their fixture (docs/model.md).
import { spawnSync } from 'node:child_process';
import { buildTraining } from './build/training.mjs';
import { at, ROOT } from './lib/paths.mjs';
import { main, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';

await main(async () => {
  await setUp();
  await buildTraining();
  const { status } = spawnSync(process.execPath, [at('dist/training/model-answers.js'), ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new UserError('The answers could not be written; what was said is above.');
});
