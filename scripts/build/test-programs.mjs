// @ts-check
import { join } from 'node:path';
import { build } from 'rolldown';
import { at } from '../lib/paths.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

/** Programs that tests start as processes of their own: `dist/test/programs/<name>.js`. */
const PROGRAMS = { adversary: 'tests/kit/adversaries/main.ts' };

export async function buildTestPrograms() {
  await buildPart({
    name: 'test-programs',
    output: 'dist/test/programs',
    inputs: ['packages', 'apps/node', 'tests/kit'],
    async make(folder) {
      for (const [name, file] of Object.entries(PROGRAMS)) {
        await build({
          ...nodeOptions,
          input: at(file),
          output: { ...nodeOptions.output, file: join(folder, `${name}.js`), codeSplitting: false },
        });
      }
    },
  });
}
