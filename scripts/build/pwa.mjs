// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
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
      await compressFiles(folder);
    },
  });
}

const COMPRESSED = new Set(['.css', '.html', '.js', '.json', '.svg', '.wasm', '.webmanifest']);
/** Within a hundredth of the best, in a twentieth of its time. */
const QUALITY = 9;
const compress = promisify(brotliCompress);

/** Puts beside each file what a server gives a browser that takes it compressed. @param {string} folder */
async function compressFiles(folder) {
  const files = filesOf(folder).filter((file) => COMPRESSED.has(extname(file)));
  await Promise.all(
    files.map(async (file) => {
      const compressed = await compress(readFileSync(file), { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } });
      writeFileSync(`${file}.br`, compressed);
    }),
  );
}

/** @param {string} folder */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @param {string} folder holds the built page */
async function buildServiceWorker(folder) {
  await bundle({
    platform: 'browser',
    logLevel: 'warn',
    checks: { bundlerTimings: false },
    input: at('apps/pwa/src/install/service-worker.ts'),
    transform: { define: { PRECACHED: JSON.stringify(precached(folder)), 'process.env.NODE_ENV': '"production"' } },
    output: { file: join(folder, 'sw.js'), format: 'iife', codeSplitting: false, minify: true },
  });
}

/** Every file of the page, with a revision where its name does not hold the hash of its content. @param {string} folder */
function precached(folder) {
  return filesOf(folder)
    .map((file) => {
      const url = relative(folder, file).split(sep).join('/');
      const revision = url.startsWith('assets/') ? null : createHash('sha256').update(readFileSync(file)).digest('hex');
      return { url, revision };
    })
    .sort((a, b) => (a.url < b.url ? -1 : 1));
}
