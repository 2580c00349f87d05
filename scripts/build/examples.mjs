// @ts-check
import { join } from 'node:path';
import { build } from 'rolldown';
import { filesUnder } from '../lib/files.mjs';
import { at } from '../lib/paths.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

/** `dist/examples/<name>.js` of each `examples/<name>/main.ts`. */
export async function buildExamples() {
  await buildPart({
    name: 'examples',
    output: 'dist/examples',
    inputs: ['packages', 'examples'],
    async make(folder) {
      for (const file of filesUnder(['examples'], (path) => /^examples\/[\w-]+\/main\.ts$/.test(path))) {
        const name = file.split('/')[1];
        await build({
          ...nodeOptions,
          input: at(file),
          output: { ...nodeOptions.output, file: join(folder, `${name}.js`), codeSplitting: false },
        });
      }
    },
  });
}
