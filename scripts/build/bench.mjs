// @ts-check
import { join } from 'node:path';
import { build } from 'rolldown';
import { filesUnder } from '../lib/files.mjs';
import { at } from '../lib/paths.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

/** Bench programs, their jobs and what they run in a browser: `dist/bench/<name>.bench.js`, `dist/bench/jobs/<name>.job.js`, `dist/bench/browser/<name>.js`. */
export async function buildBenches() {
  const files = filesUnder(['bench'], (file) => /^bench\/(\w+\.bench|jobs\/\w+\.job)\.ts$/.test(file));
  await buildPart({
    name: 'bench',
    output: 'dist/bench',
    inputs: ['packages', 'bench', 'tests/kit', 'tests/cometbft', 'scripts'],
    async make(folder) {
      for (const file of files) {
        await build({
          ...nodeOptions,
          external: [...nodeOptions.external, /^playwright/, /^rolldown/],
          input: at(file),
          output: { ...nodeOptions.output, file: join(folder, file.replace(/^bench\/(.*)\.ts$/, '$1.js')), codeSplitting: false },
        });
      }
      for (const file of filesUnder(['bench/browser'])) {
        const name = file.replace(/^bench\/(.*)\.ts$/, '$1.js');
        await build({
          platform: 'browser',
          logLevel: 'warn',
          checks: { bundlerTimings: false },
          input: at(file),
          output: { file: join(folder, name), codeSplitting: false, minify: true },
        });
      }
    },
  });
}
