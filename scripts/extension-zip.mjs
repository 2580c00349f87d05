// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { filesUnder } from './lib/files.mjs';
import { at } from './lib/paths.mjs';
import { main, readOptions, UserError } from './lib/step.mjs';
import { zip } from './lib/zip.mjs';
import { setUp } from './setup.mjs';

const USAGE = `npm run extension -- [--chain FILE]
  --chain FILE  chain file that the extension believes from the start (default: none, a person gives it one)`;
const FOLDER = 'dist/extension/';
const CHAIN_FILE = 'perigee-chain.json';
/** As long as a trust root may be, characters. */
const MAX_CHAIN_FILE = 65_536;

/** Packs the extension for a store: `npm run extension -- [--chain FILE]`. The chain file is what it believes until a person chooses another. */
await main(async () => {
  const values = readOptions({ options: { chain: { type: 'string' } } }, USAGE);
  await setUp();
  const { buildExtension } = await import('./build/extension.mjs');
  await buildExtension();
  const files = new Map(
    filesUnder([FOLDER.slice(0, -1)], (path) => !/(^|\/)[._]/.test(path.slice(FOLDER.length))).map((path) => [
      path.slice(FOLDER.length),
      /** @type {Uint8Array} */ (readFileSync(at(path))),
    ]),
  );
  if (values.chain !== undefined) files.set(CHAIN_FILE, chainFile(values.chain));
  const { version } = JSON.parse(readFileSync(at(`${FOLDER}manifest.json`), 'utf8'));
  const output = `dist/perigee-extension-${version}.zip`;
  const bytes = zip(files);
  writeFileSync(at(output), bytes);
  console.log(`${output}: ${files.size} files, ${bytes.length} bytes${values.chain === undefined ? ', without a chain' : ''}`);
});

/** @param {string} path @returns {Uint8Array} */
function chainFile(path) {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${/** @type {Error} */ (error).message}`);
  }
  /** @type {{ chainId?: unknown, genesisHash?: unknown, headerHash?: unknown }} */
  let root;
  try {
    root = bytes.length > MAX_CHAIN_FILE ? {} : JSON.parse(bytes.toString('utf8'));
  } catch {
    root = {};
  }
  if (![root.chainId, root.genesisHash, root.headerHash].every((value) => typeof value === 'string')) {
    throw new UserError(`${path} is no chain file; ${CHAIN_FILE} of a network that you trust is one.`);
  }
  return bytes;
}
