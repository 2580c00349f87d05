// @ts-check
import { join } from 'node:path';
import { build } from 'rolldown';
import { filesUnder } from '../lib/files.mjs';
import { at } from '../lib/paths.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

/** Bench programs and their jobs: `dist/bench/<name>.bench.js`, `dist/bench/jobs/<name>.job.js`. */
export async function buildBenches() {
  const files = filesUnder(['bench'], (file) => /^bench\/(\w+\.bench|jobs\/\w+\.job)\.ts$/.test(file));
  await buildPart({
    name: 'bench',
    output: 'dist/bench',
    inputs: ['packages', 'bench', 'tests/kit', 'scripts/chromium.mjs'],
    async make(folder) {
      for (const file of files) {
        await build({
          ...nodeOptions,
          external: [...nodeOptions.external, /^playwright/],
          input: at(file),
          output: { ...nodeOptions.output, file: join(folder, file.replace(/^bench\/(.*)\.ts$/, '$1.js')), codeSplitting: false },
        });
      }
    },
  });
}
