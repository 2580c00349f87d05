// @ts-check
import { join } from 'node:path';
import { build } from 'rolldown';
import { at } from '../lib/paths.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

/** The program that trains the language model: `dist/training/train-model.js`. */
export async function buildTraining() {
  await buildPart({
    name: 'training',
    output: 'dist/training',
    inputs: ['packages'],
    async make(folder) {
      await build({
        ...nodeOptions,
        input: at('packages/compute/src/train-model.ts'),
        output: { ...nodeOptions.output, file: join(folder, 'train-model.js'), codeSplitting: false },
      });
    },
  });
}
