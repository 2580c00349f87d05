// @ts-check
import { join } from 'node:path';
import { build } from 'rolldown';
import { at } from '../lib/paths.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

/** The program that trains the language model, and the one that writes down what it answers: `dist/training/*.js`. */
export async function buildTraining() {
  await buildPart({
    name: 'training',
    output: 'dist/training',
    inputs: ['packages'],
    async make(folder) {
      for (const name of ['train-model', 'model-answers']) {
        await build({
          ...nodeOptions,
          input: at(`packages/compute/src/${name}.ts`),
          output: { ...nodeOptions.output, file: join(folder, `${name}.js`), codeSplitting: false },
        });
      }
    },
  });
}
