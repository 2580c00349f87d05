// @ts-check
import { existsSync } from 'node:fs';
import { build } from 'vite';
import { at } from '../lib/paths.mjs';
import { buildPart } from './part.mjs';

/** The page: `dist/pwa`. */
export async function buildPwa() {
  if (!existsSync(at('apps/pwa/index.html'))) return;
  await buildPart({
    name: 'pwa',
    output: 'dist/pwa',
    inputs: ['packages', 'apps/pwa', 'public', 'vite.config.ts'],
    async make(folder) {
      await build({ configFile: at('vite.config.ts'), logLevel: 'warn', build: { outDir: folder } });
    },
  });
}
