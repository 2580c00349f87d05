// 0G's own clients at work, unmodified. One JSON object on standard input: {sdk, indexer, rpc, key, folder, steps}; out a list with what came of each step.
//   {upload: {length, seed, options}}   a file in memory through the indexer
//   {download: [root, …]}               one file, or fragments one after another; hash of the bytes

import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { ethers } from 'ethers';

const { sdk, indexer: url, rpc, key, folder, steps } = await json(process.stdin);
const { Indexer, MemData, ZgFile } = createRequire(import.meta.url)(sdk);
// it talks while it works
console.log = () => {};
console.warn = () => {};
console.error = () => {};

const provider = new ethers.JsonRpcProvider(rpc);
const signer = new ethers.Wallet(key, provider);
const indexer = new Indexer(url);

/** The same bytes as `sampleBytes` of packages/light-core/test/storage/sample.ts. */
function sampleBytes(length, seed) {
  const out = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

/** The older client reads files only. */
async function upload({ length, seed, options }) {
  const data = sampleBytes(length, seed);
  const file = MemData === undefined ? await ZgFile.fromFilePath(await written(data)) : new MemData(data);
  const balance = await provider.getBalance(signer.address);
  const started = performance.now();
  const [result, error] = await indexer.upload(file, rpc, signer, options);
  if (error !== null) throw error;
  const paid = balance - (await provider.getBalance(signer.address));
  return { ...result, paid: String(paid), ms: performance.now() - started };
}

async function written(data) {
  const path = join(folder, 'upload');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path, data);
  return path;
}

async function download(roots) {
  const path = join(folder, `download-${createHash('sha256').update(roots.join()).digest('hex').slice(0, 8)}`);
  const started = performance.now();
  const error = await indexer.download(roots.length === 1 ? roots[0] : roots, path, true);
  if (error !== null) throw error;
  const ms = performance.now() - started;
  const bytes = await readFile(path);
  await rm(path);
  return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), ms };
}

const results = [];
for (const step of steps) {
  try {
    results.push(step.upload === undefined ? await download(step.download) : await upload(step.upload));
  } catch (error) {
    results.push({ error: String(error?.message ?? error), data: error?.data });
  }
}
process.stdout.write(
  JSON.stringify(results, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  () => process.exit(0),
);
