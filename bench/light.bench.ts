import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { headerHash, unixMs } from '../packages/light-core/src/comet/index.ts';
import { headerOf } from '../packages/light-core/test/comet/asserts.ts';
import { CHAIN_ID, makeBlock, testValidators } from '../packages/light-core/test/comet/chain.ts';
import { clientOf, TestNode } from '../packages/light-core/test/comet/client/test-node.ts';
import { HeaderAnswer, toHex } from '../packages/wire/src/index.ts';
import { bundled } from '../scripts/lib/bundled.mjs';
import { chromiumObstacle, launchChromium } from '../tests/kit/index.ts';
import type { LightJob } from './browser/light.worker.ts';
import { report } from './figure.ts';

// A header is verified by one that lies 10,000 heights before it, of 100 validators with keys of their own: more than a third of the trusted set and more
// than two thirds of its own have signed. No key and no signature is known from before; each sample has a new verifier.
const VALIDATORS = 100;
const JUMP = 10_000;
const WORKERS = 10;
const HEADERS_A_WORKER = 20;
const ENTRY = 'packages/light-core/src/comet/client/index.ts';

const obstacle = chromiumObstacle();
if (obstacle !== undefined) throw new Error(obstacle);

const validators = testValidators(
  'bench',
  Array.from({ length: VALIDATORS }, (_, i) => 1_000 + i),
);
const trusted = makeBlock({ height: 1, validators });
const target = makeBlock({ height: 1 + JUMP, validators });
const job: LightJob = {
  chainId: CHAIN_ID,
  height: 1,
  headerHash: toHex(headerHash(headerOf(trusted))),
  trusted: toHex(HeaderAnswer.encode(trusted)),
  target: toHex(HeaderAnswer.encode(target)),
  now: unixMs(headerOf(target).time) + 1_000,
  times: HEADERS_A_WORKER,
};

const runs = await inChromium();
report(
  'chain.light100_ms.chromium',
  'ms',
  runs.flatMap((times) => times.slice(1)),
  { budget: 20 },
);
report(
  'chain.light100_first_ms.chromium',
  'ms',
  runs.map(([first = Number.NaN]) => first),
);

const { first, later } = await bundled(ENTRY);
report('chain.light_gzip_kib', 'KiB', [kib(first)], { budget: 20 });
report('chain.light_fallback_gzip_kib', 'KiB', [kib(later)]);

const [primary, witness] = [new TestNode('primary', [trusted, target]), new TestNode('witness', [trusted, target])];
const client = await clientOf(primary, [witness]);
const before = primary.headersAsked.length + primary.setsAsked.length;
await client.verifyToHeight(1 + JUMP);
report('chain.light_jump_requests', 'requests', [primary.headersAsked.length + primary.setsAsked.length - before], { budget: 1 });

/** Milliseconds of all verifications, worker by worker. */
async function inChromium(): Promise<number[][]> {
  const script = readFileSync(new URL('./browser/light.worker.js', import.meta.url));
  const server = createServer(({ url }, response) => {
    if (url === '/worker.js') response.setHeader('content-type', 'text/javascript').end(script);
    else response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { context, close } = await launchChromium();
  try {
    const page: Page = await context.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const taken: number[][] = [];
    for (let i = 0; i < WORKERS; i++) taken.push(await page.evaluate(inWorker, job));
    return taken;
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

/** In the page. */
function inWorker(input: LightJob): Promise<number[]> {
  const worker = new Worker('/worker.js', { type: 'module' });
  return new Promise<number[]>((resolve, reject) => {
    worker.onmessage = ({ data }) => (Array.isArray(data) ? resolve(data) : reject(new Error(String(data))));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(input);
  }).finally(() => worker.terminate());
}

function kib(files: readonly Buffer[]): number {
  return files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0) / 1024;
}
