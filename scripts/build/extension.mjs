// @ts-check
import { existsSync } from 'node:fs';
import { createBuilder } from 'vite';
import { at } from '../lib/paths.mjs';
import { buildPart } from './part.mjs';

/** The environments of vite.config.ts that make it. */
const PARTS = ['client', 'popup', 'options', 'prompt', 'inpage', 'bridge'];

/** The extension, to be loaded as it is: `dist/extension`. */
export async function buildExtension() {
  if (!existsSync(at('apps/extension/popup.html'))) return;
  await buildPart({
    name: 'extension',
    output: 'dist/extension',
    inputs: [
      'packages',
      'apps/extension',
      'apps/pwa/src/tokens.css',
      'apps/pwa/page-head.ts',
      'public/icon.svg',
      'vite.config.ts',
    ],
    async make(folder) {
      const outDir = { build: { outDir: folder } };
      const builder = await createBuilder({
        configFile: at('vite.config.ts'),
        mode: 'extension',
        logLevel: 'warn',
        environments: Object.fromEntries(PARTS.map((part) => [part, outDir])),
      });
      await builder.buildApp();
    },
  });
}
