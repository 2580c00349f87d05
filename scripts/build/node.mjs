// @ts-check
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { filesUnder } from '../lib/files.mjs';
import { at } from '../lib/paths.mjs';
import { nodeOptions } from './node-options.mjs';
import { buildPart } from './part.mjs';

const ENTRY = 'apps/node/src/main.ts';

/** The program `perigee`: `dist/node/perigee.js`, and a chunk for each part that it loads only when a command needs it. */
export async function buildNode() {
  if (!existsSync(at(ENTRY))) return;
  await buildPart({
    name: 'node',
    output: 'dist/node',
    others: ['jobs', 'wasm', 'models'],
    inputs: ['packages', 'apps/node'],
    async make(folder) {
      await build({
        ...nodeOptions,
        input: { perigee: at(ENTRY) },
        output: { ...nodeOptions.output, dir: folder, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      });
    },
  });
}

/** The kernels and the weights of the int8 model, beside the bundle that loads them. */
export async function buildNodeWasm() {
  await copyPart('wasm', 'packages/wasm-codec/wasm', '.wasm');
  await copyPart('models', 'packages/compute/models', '.weights');
}

/** @param {string} name @param {string} source folder @param {string} ending of the files */
async function copyPart(name, source, ending) {
  const files = filesUnder([source], (file) => file.endsWith(ending));
  await buildPart({
    name,
    output: `dist/node/${name}`,
    inputs: files,
    async make(folder) {
      for (const file of files) copyFileSync(at(file), join(folder, file.slice(file.lastIndexOf('/') + 1)));
    },
  });
}
