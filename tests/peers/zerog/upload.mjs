// Uploads files as an application of 0G's SDK does: one JSON {sdk, url, files} on standard input, a file {length, seed, secret, options, nodes} each, all at the
// same time, each paid by the account of its secret; out a JSON list of {root, txHash, error, ms}. The node at the URL is indexer, storage node and Ethereum's
// RPC; with `nodes`, which the older SDK does not take, a file goes to these, and the indexer is not asked.

import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';

const require = createRequire(import.meta.url);
const { ethers } = require('ethers');
console.log = (...words) => console.error(...words); // the SDK writes there what it does

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

const { sdk, url, files } = await json(process.stdin);
const { getFlowContract, Indexer, MemData, StorageNode, Uploader } = require(sdk);

async function upload({ length, seed, secret, options, nodes }) {
  const signer = new ethers.Wallet(secret, new ethers.JsonRpcProvider(url));
  const begun = performance.now();
  const data = new MemData(sampleBytes(length, seed));
  const [result, error] = await (nodes === undefined
    ? new Indexer(url).upload(data, url, signer, options)
    : uploadTo(nodes, data, signer, options));
  const { rootHash, txHash } = result ?? {};
  return { root: rootHash, txHash, error: error === null ? null : String(error), ms: Math.round(performance.now() - begun) };
}

async function uploadTo(nodes, data, signer, options) {
  const clients = nodes.map((node) => new StorageNode(node));
  const { networkIdentity } = await clients[0].getStatus();
  return new Uploader(clients, url, getFlowContract(networkIdentity.flowAddress, signer)).uploadFile(data, options);
}

const answers = await Promise.all(files.map((file) => upload(file).catch((error) => ({ error: String(error) }))));
process.stdout.write(`${JSON.stringify(answers)}\n`, () => process.exit(0)); // its providers would go on polling
