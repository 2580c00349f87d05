// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { filesUnder } from './lib/files.mjs';
import { paintedBy } from './lib/painted-by.mjs';
import { at } from './lib/paths.mjs';
import { main, UserError } from './lib/step.mjs';

/**
 * One limit of sizes.json. A page counts what a browser must have before it can paint; files are all that match the pattern; a bundle is
 * a module with all that it imports at once, minified.
 *
 * @typedef {{ name: string, kib: number, with: 'brotli' | 'gzip' } & ({ page: string } | { files: string } | { bundle: string })} Limit
 */

await main(async () => {
  /** @type {readonly Limit[]} */
  const limits = JSON.parse(readFileSync(at('sizes.json'), 'utf8'));
  const over = [];
  for (const limit of limits) {
    const parts = await partsOf(limit);
    if (parts === undefined) continue; // not built, or not written yet
    const kib = parts.reduce((bytes, part) => bytes + compressed(part, limit.with), 0) / 1024;
    const line = `${limit.name}: ${kib.toFixed(1)} KiB ${limit.with} of ${limit.kib}`;
    console.log(line);
    if (kib > limit.kib) over.push(line);
  }
  if (over.length > 0) throw new UserError(`Too large:\n${over.join('\n')}`);
});

/** @param {Limit} limit @returns {Promise<Buffer[] | undefined>} */
async function partsOf(limit) {
  if ('page' in limit)
    return existsSync(at(limit.page)) ? paintedBy(limit.page).map((file) => readFileSync(at(file))) : undefined;
  if ('bundle' in limit) {
    const { bundled } = await import('./lib/bundled.mjs');
    return existsSync(at(limit.bundle)) ? (await bundled(limit.bundle)).first : undefined;
  }
  const files = filesUnder([limit.files.slice(0, limit.files.search(/[^\w/-]/)).replace(/[^/]*$/, '')], (file) =>
    new RegExp(`^${limit.files}$`).test(file),
  );
  return files.length > 0 ? files.map((file) => readFileSync(at(file))) : undefined;
}

/** @param {Buffer} bytes @param {'brotli' | 'gzip'} how */
function compressed(bytes, how) {
  if (how === 'gzip') return gzipSync(bytes, { level: 9 }).length;
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}
