import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { IntelCollateral } from '../packages/light-core/src/attest/index.ts';
import { fromHex, utf8 } from '../packages/wire/src/index.ts';
import { createPool } from '../packages/workers/src/index.ts';
import { nodeWorker } from '../packages/workers/src/node.ts';
import { bundled } from '../scripts/lib/bundled.mjs';
import { chromiumObstacle, launchChromium } from '../tests/kit/index.ts';
import type { AttestJob, AttestTimes } from './attest-measure.ts';
import type { PeerJob } from './browser/attest.worker.ts';
import { report } from './figure.ts';
import type { AttestJobs } from './jobs/attest.job.ts';

// A TDX quote that a real processor made is verified whole, with collateral of its time, in threads that have just been started: each does so a number of
// times without a key that it knows, then with keys that it knows. Others do the same on the same machine where they are installed: `npm ci` in their folder.
const WORKERS = 10;
const QUOTES_A_WORKER = 20;
const BUDGET_MS = 5;
const ENTRY = 'packages/light-core/src/attest/intel-only.ts';
const PEERS = join(process.cwd(), 'tests/peers/dcap-qvl/node_modules/@phala');
const SCRIPT = '/peer.js';
const WASM = '/peer.wasm';

const vectors = join(process.env.PERIGEE_VECTORS ?? join(process.cwd(), '../shared/vectors'), 'tee/intel');
if (!existsSync(vectors)) throw new Error(`there is no quote to verify in ${vectors}; PERIGEE_VECTORS names another folder`);
const obstacle = chromiumObstacle();
if (obstacle !== undefined) throw new Error(obstacle);

const parts: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(vectors, 'dcap-qvl.tdx_quote_collateral.json'), 'utf8'),
);
const job: AttestJob = {
  quote: Uint8Array.from(readFileSync(join(vectors, 'dcap-qvl.tdx_quote'))),
  intel: collateralOf(parts),
  time: Date.parse('2025-06-25T00:00:00Z'),
  times: QUOTES_A_WORKER,
};
const hasPeers = existsSync(PEERS);
if (!hasPeers) console.log('tests/peers/dcap-qvl is not installed: its programs are not measured');

const node = await inNode();
const [script, wasm] = hasPeers ? [byScript(), await byWasm()] : [[], []];
report('attest.tdx_ms.node', 'ms', later(node), { budget: BUDGET_MS, ...peer('@phala/dcap-qvl 0.3.9', script) });
report('attest.tdx_first_ms.node', 'ms', firsts(node));
report(
  'attest.tdx_warm_ms.node',
  'ms',
  node.flatMap(({ warm }) => warm),
  peer('@phala/dcap-qvl-web 0.3.3', wasm),
);
if (hasPeers) report('attest.vs_dcap_qvl', 'ratio', [median(later(node)) / median(script)]);

const { runs, others } = await inChromium();
report('attest.tdx_ms.chromium', 'ms', later(runs), { budget: BUDGET_MS, ...peer('@phala/dcap-qvl-web 0.3.3', others) });
report('attest.tdx_first_ms.chromium', 'ms', firsts(runs));
report(
  'attest.tdx_warm_ms.chromium',
  'ms',
  runs.flatMap(({ warm }) => warm),
);

const { first } = await bundled(ENTRY);
report('attest.gzip_kib', 'KiB', [kib(first)], {
  budget: 15,
  ...peer('@phala/dcap-qvl-web 0.3.3', hasPeers ? [kib(webFiles())] : []),
});

async function inNode(): Promise<AttestTimes[]> {
  const runs: AttestTimes[] = [];
  for (let i = 0; i < WORKERS; i++) {
    const pool = createPool<AttestJobs>({ spawn: () => nodeWorker(new URL('./jobs/attest.job.js', import.meta.url)), size: 1 });
    runs.push(await pool.run('attest', job));
    await pool.close();
  }
  return runs;
}

/** Milliseconds of the JavaScript program, warm. */
function byScript(): number[] {
  const { verify } = createRequire(`${PEERS}/`)('@phala/dcap-qvl') as { verify(...args: readonly unknown[]): { status: string } };
  const hex = ['root_ca_crl', 'pck_crl', 'tcb_info_signature', 'qe_identity_signature'];
  const collateral = { ...parts, ...Object.fromEntries(hex.map((name) => [name, Buffer.from(parts[name] ?? '', 'hex')])) };
  const quote = Buffer.from(job.quote);
  return timed(() => verify(quote, collateral, Math.floor(job.time / 1000)));
}

/** Milliseconds of the WebAssembly program, warm. */
async function byWasm(): Promise<number[]> {
  const { initSync, js_verify } = await import(pathToFileURL(join(PEERS, 'dcap-qvl-web/dcap-qvl-web.js')).href);
  initSync({ module: readFileSync(join(PEERS, 'dcap-qvl-web/dcap-qvl-web_bg.wasm')) });
  return timed(() => js_verify(job.quote, parts, BigInt(Math.floor(job.time / 1000))));
}

function timed(run: () => { readonly status?: string }): number[] {
  const taken: number[] = [];
  for (let i = 0; i < WORKERS * QUOTES_A_WORKER; i++) {
    const start = performance.now();
    const { status } = run();
    taken.push(performance.now() - start);
    if (status !== 'UpToDate') throw new Error(`another program found ${status}`);
  }
  return taken.slice(QUOTES_A_WORKER); // what comes before is for it to get warm
}

async function inChromium(): Promise<{ readonly runs: AttestTimes[]; readonly others: number[] }> {
  const files: Readonly<Record<string, readonly [type: string, path: string]>> = {
    '/worker.js': ['text/javascript', new URL('./browser/attest.worker.js', import.meta.url).pathname],
    [SCRIPT]: ['text/javascript', join(PEERS, 'dcap-qvl-web/dcap-qvl-web.js')],
    [WASM]: ['application/wasm', join(PEERS, 'dcap-qvl-web/dcap-qvl-web_bg.wasm')],
  };
  const server = createServer(({ url = '/' }, response) => {
    const [type, path] = files[url] ?? [];
    if (type === undefined || path === undefined)
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title>');
    else response.setHeader('content-type', type).end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { context, close } = await launchChromium();
  try {
    const page = await context.newPage();
    await page.goto(`${origin}/`);
    const runs: AttestTimes[] = [];
    for (let i = 0; i < WORKERS; i++) runs.push((await page.evaluate(inWorker, plain(job))) as AttestTimes);
    if (!hasPeers) return { runs, others: [] };
    const given = {
      ...plain(job),
      times: WORKERS * QUOTES_A_WORKER,
      peer: { script: origin + SCRIPT, wasm: origin + WASM, collateral: parts },
    };
    const others = (await page.evaluate(inWorker, given)) as number[];
    return { runs, others: others.slice(QUOTES_A_WORKER) };
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
  }
}

/** In the page: bytes come as lists of numbers. */
function inWorker(input: ReturnType<typeof plain> & Partial<Pick<PeerJob, 'peer'>>): Promise<unknown> {
  const worker = new Worker('/worker.js', { type: 'module' });
  const intel = Object.fromEntries(Object.entries(input.intel).map(([name, bytes]) => [name, Uint8Array.from(bytes)]));
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (typeof data === 'string' ? reject(new Error(data)) : resolve(data));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage({ ...input, quote: Uint8Array.from(input.quote), intel });
  }).finally(() => worker.terminate());
}

function plain({ quote, intel, time, times }: AttestJob) {
  return {
    quote: [...quote],
    intel: Object.fromEntries(Object.entries(intel).map(([name, bytes]) => [name, [...bytes]])),
    time,
    times,
  };
}

/** Answers of Intel's service, of which the bundle keeps body and signature apart. */
function collateralOf(given: Readonly<Record<string, string>>): Required<IntelCollateral> {
  const part = (name: string): string => given[name] ?? '';
  return {
    tcbInfo: utf8(`{"tcbInfo":${part('tcb_info')},"signature":"${part('tcb_info_signature')}"}`),
    tcbInfoChain: utf8(part('tcb_info_issuer_chain')),
    qeIdentity: utf8(`{"enclaveIdentity":${part('qe_identity')},"signature":"${part('qe_identity_signature')}"}`),
    qeIdentityChain: utf8(part('qe_identity_issuer_chain')),
    rootCrl: fromHex(part('root_ca_crl')),
    pckCrl: fromHex(part('pck_crl')),
  };
}

function later(runs: readonly AttestTimes[]): number[] {
  return runs.flatMap(({ cold }) => cold.slice(1));
}

function firsts(runs: readonly AttestTimes[]): number[] {
  return runs.map(({ cold: [first = Number.NaN] }) => first);
}

function peer(name: string, samples: readonly number[]) {
  return samples.length === 0 ? {} : { peer: { name, samples } };
}

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;
}

function webFiles(): readonly Buffer[] {
  return ['dcap-qvl-web.js', 'dcap-qvl-web_bg.wasm'].map((file) => readFileSync(join(PEERS, 'dcap-qvl-web', file)));
}

function kib(files: readonly Buffer[]): number {
  return files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0) / 1024;
}
