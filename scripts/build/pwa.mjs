// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { build as bundle } from 'rolldown';
import { build } from 'vite';
import { at } from '../lib/paths.mjs';
import { buildPart } from './part.mjs';

/** The page and the service worker that keeps it: `dist/pwa`. */
export async function buildPwa() {
  if (!existsSync(at('apps/pwa/index.html'))) return;
  await buildPart({
    name: 'pwa',
    output: 'dist/pwa',
    inputs: ['packages', 'apps/pwa', 'public', 'vite.config.ts'],
    async make(folder) {
      await build({ configFile: at('vite.config.ts'), logLevel: 'warn', build: { outDir: folder } });
      await buildServiceWorker(folder);
    },
  });
}

/** @param {string} folder holds the built page */
async function buildServiceWorker(folder) {
  await bundle({
    platform: 'browser',
    logLevel: 'warn',
    input: at('apps/pwa/src/install/service-worker.ts'),
    transform: { define: { PRECACHED: JSON.stringify(precached(folder)), 'process.env.NODE_ENV': '"production"' } },
    output: { file: join(folder, 'sw.js'), format: 'iife', codeSplitting: false, minify: true },
  });
}

/** Every file of the page, with a revision where its name does not hold the hash of its content. @param {string} folder */
function precached(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => {
      const url = relative(folder, file).split(sep).join('/');
      const revision = url.startsWith('assets/') ? null : createHash('sha256').update(readFileSync(file)).digest('hex');
      return { url, revision };
    })
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}
