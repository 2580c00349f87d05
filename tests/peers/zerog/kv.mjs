// 0G's own client of streams at work, unmodified. One JSON object on standard input: {rpc, flow, key, steps}; out a list with what came of each step.
//   {write: {version, values: [[stream, key, value], …]}}   one `Batcher`; strings are UTF-8
//   {call: [method, …arguments]}                            a method of `KvClient`
//   {walk: {stream, reverse}}                               all pairs of a stream, by its iterator

import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';
import { ethers } from 'ethers';

const { rpc, flow, key, steps } = await json(process.stdin);
const { Batcher, KvClient, StorageNode, getFlowContract } = createRequire(import.meta.url)('@0gfoundation/0g-ts-sdk');
// it talks while it works
console.log = () => {};
console.warn = () => {};
console.error = () => {};

const provider = new ethers.JsonRpcProvider(rpc);
const signer = new ethers.Wallet(key, provider);
const client = new KvClient(rpc);
const bytes = (text) => Uint8Array.from(Buffer.from(text, 'utf-8'));

async function write({ version, values }) {
  const batcher = new Batcher(version, [new StorageNode(rpc)], getFlowContract(flow, signer), rpc);
  for (const [stream, name, value] of values) batcher.streamDataBuilder.set(stream, bytes(name), bytes(value));
  const [result, error] = await batcher.exec();
  if (error !== null) throw error;
  return result;
}

/** Arguments of the form {bytes: text} are keys. */
async function call([method, ...args]) {
  const given = args.map((arg) => (arg !== null && typeof arg === 'object' && 'bytes' in arg ? bytes(arg.bytes) : arg));
  return (await client[method](...given)) ?? null;
}

async function walk({ stream, reverse }) {
  const iterator = client.newIterator(stream);
  const pairs = [];
  const step = async (error) => {
    if (error !== null && error !== undefined) throw error;
    const pair = iterator.getCurrentPair();
    if (pair === undefined) return false;
    pairs.push([Buffer.from(pair.key).toString(), Buffer.from(pair.data, 'base64').toString(), pair.version]);
    return true;
  };
  let more = await step(await (reverse ? iterator.seekToLast() : iterator.seekToFirst()));
  while (more) more = await step(await (reverse ? iterator.prev() : iterator.next()));
  return pairs;
}

const results = [];
for (const step of steps) {
  try {
    if (step.write !== undefined) results.push(await write(step.write));
    else if (step.call !== undefined) results.push(await call(step.call));
    else results.push(await walk(step.walk));
  } catch (error) {
    results.push({ error: String(error?.message ?? error), data: error?.data });
  }
}
process.stdout.write(
  JSON.stringify(results, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  () => process.exit(0),
);
