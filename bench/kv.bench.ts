import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localReads } from '../packages/chain/src/index.ts';
import { AuthenticatedState, StateView } from '../packages/chain/src/state/index.ts';
import { entryKey } from '../packages/light-core/src/kv/index.ts';
import { STORE } from '../packages/light-core/src/state/index.ts';
import { createLightNode } from '../packages/sampler/src/index.ts';
import { checkKv } from '../packages/sampler/src/verify/check-kv.ts';
import { createKvHandler, startRpcServer } from '../packages/storage/src/zerog/index.ts';
import { KvAnswer, KvEntry, utf8 } from '../packages/wire/src/index.ts';
import { chromiumObstacle, launchChromium } from '../tests/kit/index.ts';
import { startLocalNetwork } from '../tests/kit/local-network.ts';
import { type KvReads, kvReads } from './browser/kv.ts';
import { report } from './figure.ts';

// Reads of a cache: 10,000 values of 100 bytes, and 600 of 32 KiB, each read once from the device in random order, and one of them again and again from
// memory. Proofs of 1,000 random keys of 300,000. Reads of 2,000 keys of a local chain by a light node, and by plain HTTP of the same process.
const SMALL = { count: 10_000, bytes: 100 };
const LARGE = { count: 600, bytes: 32 * 1024 };
const PROOF_KEYS = 300_000;
const PROOFS = 1_000;
const NETWORK_KEYS = 2_000;
const NETWORK_READS = 500;
const STREAM = new Uint8Array(32).fill(0xf2);

const obstacle = chromiumObstacle();
if (obstacle !== undefined) throw new Error(obstacle);

const dir = await mkdtemp(join(tmpdir(), 'perigee-bench-kv-'));
try {
  const small = await inChromium(SMALL);
  const large = await inChromium(LARGE);
  report('kv.memory_ms', 'ms', small.memory, { budget: 0.01 });
  report('kv.memory_32k_ms', 'ms', large.memory, { budget: 0.01 });
  report('kv.indexeddb_p50_ms', 'ms', small.device, { budget: 0.3, peer: beside(small) });
  report('kv.indexeddb_p99_ms', 'ms', p99s(small.device), { budget: 5 });
  report('kv.indexeddb_32k_p50_ms', 'ms', large.device, { budget: 0.3, peer: beside(large) });
  report('kv.indexeddb_32k_p99_ms', 'ms', p99s(large.device), { budget: 5 });
  report('kv.cold_start_ms', 'ms', [small.coldStart]);
  const [smallNode, largeNode] = [
    await kvReads(SMALL.count, SMALL.bytes, join(dir, 'small')),
    await kvReads(LARGE.count, LARGE.bytes, join(dir, 'large')),
  ];
  report('kv.memory_ms.node', 'ms', smallNode.memory, { budget: 0.01 });
  report('kv.level_p50_ms.node', 'ms', smallNode.device, { budget: 0.3, peer: beside(smallNode) });
  report('kv.level_p99_ms.node', 'ms', p99s(smallNode.device), { budget: 5 });
  report('kv.level_32k_p50_ms.node', 'ms', largeNode.device, { peer: beside(largeNode) });
  report('kv.cold_start_ms.node', 'ms', [smallNode.coldStart]);
  await proofs(join(dir, 'proofs'));
  await network();
} finally {
  await rm(dir, { recursive: true, force: true });
}
process.exit(0); // a thread of the network may still end

async function inChromium({ count, bytes }: typeof SMALL): Promise<KvReads> {
  const script = readFileSync(new URL('./browser/kv.js', import.meta.url));
  const server = createServer(({ url }, response) => {
    // isolation gives a page finer clocks
    response.setHeader('cross-origin-opener-policy', 'same-origin').setHeader('cross-origin-embedder-policy', 'require-corp');
    if (url === '/kv.js') response.setHeader('content-type', 'text/javascript').end(script);
    else
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>bench</title><script type="module" src="/kv.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { context, close } = await launchChromium();
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => 'kvReads' in globalThis);
    return await page.evaluate(([n, size]) => (globalThis as unknown as { kvReads: typeof kvReads }).kvReads(n, size), [
      count,
      bytes,
    ] as const);
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

async function proofs(folder: string): Promise<void> {
  const state = await AuthenticatedState.open(folder, Object.values(STORE));
  const names = Array.from({ length: PROOF_KEYS }, () => Uint8Array.from(randomBytes(20)));
  const value = KvEntry.encode({ version: 7, author: new Uint8Array(20), deposit: 600n, value: new Uint8Array(100) });
  for (let block = 1; block <= 10; block++) {
    const view = new StateView(state);
    for (let i = block - 1; i < names.length; i += 10) view.set(STORE.kv, entryKey(STREAM, names[i] as Uint8Array), value);
    await state.commit(state.prepare(block, view));
  }
  const { appHash, height } = state.latest as { appHash: Uint8Array; height: number };
  const [sizes, times]: [number[], number[]] = [[], []];
  for (let i = 0; i < PROOFS; i++) {
    const key = names[randomBytes(4).readUInt32BE() % names.length] as Uint8Array;
    const proof = state.prove(STORE.kv, entryKey(STREAM, key));
    const answer = KvAnswer.encode({ proofs: [proof] });
    const start = performance.now();
    const { proofBytes } = checkKv({ height: height + 1, stream: STREAM, question: { keys: [key] }, answer }, appHash);
    times.push(performance.now() - start);
    sizes.push(proofBytes);
  }
  await state.close();
  report('kv.proof_bytes', 'bytes', sizes, { budget: 1_332 });
  report('kv.proof_verify_ms', 'ms', times, { budget: 0.3 });
}

/** Each read of another key, proved and verified, beside the same by HTTP without either. */
async function network(): Promise<void> {
  const local = await startLocalNetwork({
    blockMs: 1_000,
    genesis: { storage: { pricePerSector: 1n }, kv: { depositPerByte: 1n } },
  });
  const server = await startRpcServer({
    listen: '127.0.0.1',
    port: 0,
    methods: [plainMethods(createKvHandler({ state: localReads(local.chain) }))],
    onFault: (error) => console.error(error),
  });
  const node = createLightNode({ trustRoot: local.trustRoot(), follow: false, workers: 1 });
  try {
    const keys = Array.from({ length: NETWORK_KEYS }, (_, i) => utf8(`key ${i}`));
    for (let at = 0; at < keys.length; at += 500) {
      await local.writeStreams(
        keys.slice(at, at + 500).map((key) => ({ stream: STREAM, key, value: new Uint8Array(100).fill(at) })),
      );
    }
    await node.start();
    const stream = node.kv(STREAM);
    await stream.get(keys[0] as Uint8Array); // connections, and the first loading of all that is needed
    const [ours, plain]: [number[], number[]] = [[], []];
    const url = `http://127.0.0.1:${server.port}/`;
    for (let i = 1; i <= NETWORK_READS; i++) {
      const key = keys[i] as Uint8Array;
      const start = performance.now();
      await stream.get(key, { policy: { withinSeconds: 30 } });
      const between = performance.now();
      const params = [`0x${Buffer.from(STREAM).toString('hex')}`, Buffer.from(key).toString('base64'), 0, 1_000, null];
      const body = JSON.stringify({ jsonrpc: '2.0', id: i, method: 'kv_getValue', params });
      const answer = (await (await fetch(url, { method: 'POST', body })).json()) as { result?: { size?: number } };
      plain.push(performance.now() - between);
      ours.push(between - start);
      if (answer.result?.size !== 100) throw new Error(`the plain read gave ${JSON.stringify(answer)}`);
    }
    report('kv.network_p50_ms', 'ms', ours, { peer: { name: 'plain HTTP, nothing verified', samples: plain } });
  } finally {
    await node.stop();
    await server.stop();
    await local.stop();
  }
}

function plainMethods(handler: ReturnType<typeof createKvHandler>) {
  return {
    handles: (method: string) => handler.handles(method),
    call: (method: string, params: readonly unknown[]) => handler.call(method, params),
  };
}

function beside({ plain }: KvReads) {
  return { name: 'the store alone, unchecked', samples: plain };
}

/** The 99th of a hundred, of each tenth of the samples. */
function p99s(samples: readonly number[]): number[] {
  const size = Math.max(100, Math.floor(samples.length / 10));
  const parts = Array.from({ length: Math.floor(samples.length / size) }, (_, i) => samples.slice(i * size, (i + 1) * size));
  return parts.map((part) => [...part].sort((a, b) => a - b)[Math.ceil(0.99 * part.length) - 1] ?? Number.NaN);
}
