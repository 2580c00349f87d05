import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { createCodec } from '../packages/wasm-codec/src/index.ts';
import { inChromium } from './codec/chromium.ts';
import { type Contestant, contest, median, timesAsFast } from './codec/contest.ts';
import { measureShape, type ShapeTimes } from './codec/measure.ts';
import { nativePeers } from './codec/native.ts';
import { npmPeers } from './codec/npm-peers.ts';
import { pipelineRates } from './codec/pipeline.ts';
import { type Build, type Codec, dataBytes, LONGEST, milliseconds, type RowShape, randomBytes, SHAPES } from './codec/shapes.ts';
import { report } from './figure.ts';

// One thread and all of them, in Node (relaxed and plain SIMD) and in a worker of Chromium, beside a pass over the memory and beside others. Rows are random,
// programs take turns round by round, every figure is a median of rounds. What comes in and goes out are arrays of JavaScript, and each copy counts. The native
// programs are held to AVX2 and one thread, and write to rows that they have already.
const ROUNDS = 9;
/** npm's programs need up to a second for one encoding. */
const PEER_ROUNDS = 3;
const NPM_SHAPES = SHAPES.slice(0, 3);
/** As many rows as the addon of npm takes. */
const FEW_ROWS: RowShape = { k: 20, n: 6, rowSize: 65_536 };
const ROWS_A_BLOB = 20;
const HASHED_BYTES = 1 << 25;
/** What is claimed elsewhere as an aggregate, Gbit/s, and a usual link of a server. */
const CLAIM_GBPS = 50;
const LINK_GBPS = 10;
const REDUNDANCY = 4;

setFlagsFromString('--experimental-wasm-relaxed-simd');
const sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest();
const codecs: Readonly<Record<'node' | 'node_simd', Codec>> = { node: await codec('relaxed'), node_simd: await codec('simd') };
const natives = nativePeers();
const npm = await npmPeers();

for (const shape of SHAPES) await encoding(shape);
await ofNpm();
for (const [where, one] of Object.entries(codecs))
  for (const shape of SHAPES) reportShape(shape, where, await measureShape(one, shape));
const chromium = await inChromium();
for (const [i, shape] of SHAPES.entries()) {
  const times = chromium.shapes[i];
  if (times === undefined) continue;
  const { k, n } = shape;
  report(`codec.encode_${k}_${n}_gbps.chromium`, 'GB/s', rates(times.encode, dataBytes(shape)));
  reportShape(shape, 'chromium', times);
}
await hashing();
await pipelines();
for (const { stop } of natives) stop();

async function codec(build: Build): Promise<Codec> {
  const bytes = readFileSync(`packages/wasm-codec/wasm/codec.${build}.wasm`);
  return createCodec({ module: await WebAssembly.compile(bytes), sha256 });
}

function encoder(name: string, one: Codec, shape: RowShape): Contestant {
  const original = randomBytes(dataBytes(shape));
  return { name, run: () => milliseconds(() => one.encode({ ...shape, original, layout: 'high' })) };
}

/** Ours, the native programs and a pass over the memory in turns. */
async function encoding(shape: RowShape): Promise<void> {
  const { k, n } = shape;
  const bytes = dataBytes(shape);
  const [from, to] = [randomBytes(bytes), new Uint8Array(bytes)];
  const ours = Object.entries(codecs).map(([where, one]) => encoder(where, one, shape));
  const beside = natives.map((peer): Contestant => ({ name: peer.name, run: () => peer.encode(shape) }));
  const pass: Contestant = { name: 'memory', run: () => milliseconds(() => to.set(from)) };
  const taken = await contest([...ours, ...beside, pass], ROUNDS);
  const samples = (name: string): readonly number[] => taken.get(name) ?? [];
  // klauspost's own loop is not made for more parity than rows: there the crate's high-rate encoder is the measure
  const [best] = natives
    .map(({ name }) => name)
    .filter((name) => n <= k || name.startsWith('reed-solomon-simd'))
    .sort((a, b) => median(samples(a)) - median(samples(b)));
  const native = best === undefined ? {} : { peer: { name: best, samples: rates(samples(best), bytes) } };
  for (const where of Object.keys(codecs))
    report(`codec.encode_${k}_${n}_gbps.${where}`, 'GB/s', rates(samples(where), bytes), native);
  report(`codec.memory_${k}_${n}_gbps.node`, 'GB/s', rates(samples('memory'), bytes));
  if (best === undefined) return;
  for (const [where, least] of [
    ['node', 0.8],
    ['node_simd', 0.6],
  ] as const) {
    const budget = k === 1_024 && n === 1_024 ? { budget: least } : {};
    report(`codec.encode_${k}_${n}_vs_native.${where}`, '×', timesAsFast(samples(where), samples(best)), budget);
  }
}

/** The fastest of npm at each shape that it can encode. */
async function ofNpm(): Promise<void> {
  for (const shape of [...NPM_SHAPES, FEW_ROWS]) {
    const { k, n } = shape;
    const others = npm.encoders(shape);
    const taken = await contest([encoder('ours', codecs.node, shape), ...others], PEER_ROUNDS);
    const samples = (name: string): readonly number[] => taken.get(name) ?? [];
    const [best] = others.map(({ name }) => name).sort((a, b) => median(samples(a)) - median(samples(b)));
    if (best === undefined) continue;
    const peer = { name: best, samples: others.length === 0 ? [] : timesAsFast(samples(best), samples(best)) };
    const budget = shape === FEW_ROWS ? {} : { budget: 10 };
    report(`codec.encode_${k}_${n}_vs_npm`, '×', timesAsFast(samples('ours'), samples(best)), { ...budget, peer });
  }
}

/** Figures of one thread. */
function reportShape(shape: RowShape, where: string, times: ShapeTimes): void {
  const { k, n } = shape;
  const bytes = dataBytes(shape);
  const pass = { peer: { name: 'a pass over the memory', samples: rates(times.copy, bytes) } };
  report(`codec.commit_${k}_${n}_gbps.${where}`, 'GB/s', rates(times.commit, bytes), pass);
  report(`codec.prime_${k}_${n}_ms.${where}`, 'ms', times.prime);
  report(`codec.verify_${k}_${n}_us.${where}`, 'µs', micro(times.verify));
  report(`codec.verify_batch64_${k}_${n}_us.${where}`, 'µs', micro(times.verifyBatch));
  report(`codec.reconstruct_5pct_${k}_${n}_vs_encode.${where}`, 'ratio', ratios(times.reconstruct5, times.encode));
  report(`codec.reconstruct_50pct_${k}_${n}_vs_encode.${where}`, 'ratio', ratios(times.reconstruct50, times.encode));
  report(`codec.reconstruct_parity_${k}_${n}_vs_encode.${where}`, 'ratio', ratios(times.reconstructParity, times.encode));
  if (shape !== SHAPES.at(-1)) return;
  const cell = npm.kzg;
  void cell;
  report(`codec.verify_row_us.${where}`, 'µs', micro(times.verify), { budget: 60 });
  report(`codec.verify_row_batch64_us.${where}`, 'µs', micro(times.verifyBatch), { budget: 25 });
  report(`codec.prime_ms.${where}`, 'ms', times.prime, { budget: 15 });
  report(`codec.reconstruct_parity_vs_encode.${where}`, 'ratio', ratios(times.reconstructParity, times.encode), { budget: 3 });
  report(`codec.reconstruct_5pct_vs_encode.${where}`, 'ratio', ratios(times.reconstruct5, times.encode), { budget: 1.5 });
  report(`codec.reconstruct_50pct_vs_encode.${where}`, 'ratio', ratios(times.reconstruct50, times.encode));
}

async function hashing(): Promise<void> {}
async function pipelines(): Promise<void> {}

function rates(ms: readonly number[], bytes: number): number[] {
  return ms.map((one) => bytes / 1e6 / one);
}

function micro(ms: readonly number[]): number[] {
  return ms.map((one) => one * 1_000);
}

function ratios(ms: readonly number[], of: readonly number[]): number[] {
  return ms.map((one, round) => one / (of[round] ?? Number.NaN));
}
