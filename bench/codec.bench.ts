import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { codecThreads, createCodecPool } from '../packages/da/src/index.ts';
import { createCodec } from '../packages/wasm-codec/src/index.ts';
import { inChromium } from './codec/chromium.ts';
import { type Contestant, contest, median, timesAsFast } from './codec/contest.ts';
import { measureShape, type ShapeTimes } from './codec/measure.ts';
import { nativePeers } from './codec/native.ts';
import { npmPeers } from './codec/npm-peers.ts';
import { pipelineTimes } from './codec/pipeline.ts';
import {
  type Build,
  type Codec,
  type CodeRoom,
  dataBytes,
  LONGEST,
  LONGEST_TWICE,
  milliseconds,
  type RowShape,
  randomBytes,
  SHAPES,
} from './codec/shapes.ts';
import { report } from './figure.ts';

// One thread and all of them, in Node (relaxed and plain SIMD) and in a worker of Chromium, beside a pass over the memory and beside others. Rows are random,
// programs take turns round by round, every figure is a median of rounds. What comes in and goes out are arrays of JavaScript, and each copy counts: parity
// is read where the kernel leaves it, and rows are encoded once from an array elsewhere and once from where the kernel has them. The native programs are held to
// AVX2 and one thread; their rows and parity are where they work on them.
const ROUNDS = 9;
/** npm's programs need up to a second for one encoding; of what is short there are more. */
const PEER_ROUNDS = 3;
const SHORT_ROUNDS = 25;
const SHORT_BYTES = 1 << 20;
const NPM_SHAPES = SHAPES.slice(0, 3);
/** As many rows as the addon of npm takes. */
const FEW_ROWS: RowShape = { k: 20, n: 6, rowSize: 32_768 };
const HASHED_BYTES = 1 << 25;
/** Both are as long as blobs may be. */
const LONGEST_BLOBS = [
  { shape: LONGEST, name: '4x', least: { node: 2, chromium: 1.5 } },
  { shape: LONGEST_TWICE, name: '2x', least: { node: 3.5, chromium: 2.75 } },
] as const;
const THREADS = codecThreads(availableParallelism());
/** What others claim as an aggregate, and a usual link of a server, Gbit/s. */
const CLAIM_GBPS = 50;
const LINK_GBPS = 10;
const REDUNDANCY = 4;

setFlagsFromString('--experimental-wasm-relaxed-simd');
const sha256 = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer');
const codecs: Readonly<Record<'node' | 'node_simd', Codec>> = { node: await codec('relaxed'), node_simd: await codec('simd') };
const natives = nativePeers();
const npm = await npmPeers();

for (const shape of SHAPES) await encoding(shape);
await ofNpm();
const cells = npm.kzg === undefined ? [] : await samplesOf(npm.kzg);
const others = npm.sha256 === undefined ? [] : await samplesOf(npm.sha256);
const hashed = others.length === 0 ? {} : { peer: { name: npm.sha256?.name ?? '', samples: rates(others, HASHED_BYTES) } };
for (const [where, one] of Object.entries(codecs)) {
  for (const shape of SHAPES) reportShape(shape, where, await measureShape(one, shape));
}
const chromium = await inChromium(THREADS, ROUNDS);
for (const [i, times] of (chromium?.shapes ?? []).entries()) {
  const shape = SHAPES[i] ?? LONGEST;
  const pass = { peer: { name: 'a pass over the memory', samples: rates(times.copy, dataBytes(shape)) } };
  report(`codec.encode_${shape.k}_${shape.n}_gbps.chromium`, 'GB/s', rates(times.encode, dataBytes(shape)), pass);
  reportShape(shape, 'chromium', times);
}
await pipelines();
for (const { stop } of natives) stop();

async function codec(build: Build): Promise<Codec> {
  const bytes = readFileSync(`packages/wasm-codec/wasm/codec.${build}.wasm`);
  return createCodec({ module: await WebAssembly.compile(bytes), sha256, now: () => performance.now() });
}

/** Rows from an array of the caller's own are copied to where they are encoded. */
function copier(name: string, one: Codec, shape: RowShape): Contestant {
  const { k, rowSize } = shape;
  const original = randomBytes(dataBytes(shape));
  const run = (): void => {
    const room = one.room({ ...shape, layout: 'high' });
    for (let i = 0; i < k; i++) room.row(i).set(original.subarray(i * rowSize, (i + 1) * rowSize));
    room.encode();
    room.free();
  };
  return { name, run: () => milliseconds(run) };
}

/** Random rows where they are encoded, as who publishes reads them there. */
function filledRoom(one: Codec, shape: RowShape): CodeRoom {
  const room = one.room({ ...shape, layout: 'high' });
  for (let i = 0; i < shape.k; i++) room.row(i).set(randomBytes(shape.rowSize));
  return room;
}

function encoder(name: string, one: Codec, shape: RowShape): Contestant {
  const original = randomBytes(dataBytes(shape));
  const into = new Uint8Array(shape.n * shape.rowSize); // as the native programs have it
  return { name, run: () => milliseconds(() => one.encode({ ...shape, original, layout: 'high', into })) };
}

/** Ours, the native programs and a pass over the memory in turns. */
async function encoding(shape: RowShape): Promise<void> {
  const { k, n } = shape;
  const bytes = dataBytes(shape);
  const [from, to] = [randomBytes(bytes), new Uint8Array(bytes)];
  const rooms = Object.entries(codecs).map(([where, one]) => ({ name: `${where}, in place`, room: filledRoom(one, shape) }));
  const ours = [
    ...Object.entries(codecs).map(([where, one]) => copier(where, one, shape)),
    ...rooms.map(({ name, room }): Contestant => ({ name, run: () => milliseconds(() => room.encode()) })),
  ];
  const beside = natives.map((peer): Contestant => ({ name: peer.name, run: () => peer.encode(shape) }));
  const pass: Contestant = { name: 'memory', run: () => milliseconds(() => to.set(from)) };
  const taken = await contest([...ours, ...beside, pass], ROUNDS);
  for (const { room } of rooms) room.free();
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
    const there = timesAsFast(samples(`${where}, in place`), samples(best));
    report(`codec.encode_in_place_${k}_${n}_vs_native.${where}`, '×', there, budget);
  }
}

async function samplesOf(contestant: Contestant): Promise<readonly number[]> {
  return (await contest([contestant], PEER_ROUNDS)).get(contestant.name) ?? [];
}

/** The fastest of npm at each shape that it can encode. */
async function ofNpm(): Promise<void> {
  for (const shape of [...NPM_SHAPES, FEW_ROWS]) {
    const { k, n } = shape;
    const others = npm.encoders(shape);
    const rounds = dataBytes(shape) <= SHORT_BYTES ? SHORT_ROUNDS : PEER_ROUNDS;
    const taken = await contest([encoder('ours', codecs.node, shape), ...others], rounds);
    const samples = (name: string): readonly number[] => taken.get(name) ?? [];
    const [best] = others.map(({ name }) => name).sort((a, b) => median(samples(a)) - median(samples(b)));
    if (best === undefined) continue;
    const budget = shape === FEW_ROWS ? {} : { budget: 10 };
    const peer = { name: best, samples: [1] };
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
  report(`codec.hash_${k}_${n}_gbps.${where}`, 'GB/s', rates(times.hash, bytes), pass);
  if (shape !== LONGEST) return;
  const blobs = times.blob.map((ms) => 1_000 / ms);
  report(`codec.hash_gbps.${where}`, 'GB/s', rates(times.hash, bytes), hashed);
  if (where === 'node') report('codec.verify_blobs_per_s', 'blobs/s', blobs);
  const cell = { peer: { name: npm.kzg?.name ?? '', samples: micro(cells) } };
  report(`codec.verify_row_us.${where}`, 'µs', micro(times.verify), { budget: 60, ...(cells.length === 0 ? {} : cell) });
  report(`codec.verify_row_batch64_us.${where}`, 'µs', micro(times.verifyBatch), { budget: 25 });
  report(`codec.prime_ms.${where}`, 'ms', times.prime, { budget: 15 });
  report(`codec.reconstruct_parity_vs_encode.${where}`, 'ratio', ratios(times.reconstructParity, times.encode), { budget: 3 });
  report(`codec.reconstruct_5pct_vs_encode.${where}`, 'ratio', ratios(times.reconstruct5, times.encode), { budget: 1.5 });
  report(`codec.reconstruct_50pct_vs_encode.${where}`, 'ratio', ratios(times.reconstruct50, times.encode));
}

/** Blobs on all threads; and what a claim would need of such machines. */
async function pipelines(): Promise<void> {
  const pool = createCodecPool(THREADS);
  for (const [i, shape] of SHAPES.entries()) {
    const { k, n } = shape;
    const node = gbits(await pipelineTimes(pool, shape, ROUNDS), dataBytes(shape));
    const page = gbits(chromium?.pipelines[i] ?? [], dataBytes(shape));
    const longest = LONGEST_BLOBS.find((one) => one.shape === shape);
    if (longest === undefined) {
      report(`codec.commit_all_${k}_${n}_gbps.node`, 'Gbit/s', node);
      if (page.length > 0) report(`codec.commit_all_${k}_${n}_gbps.chromium`, 'Gbit/s', page);
      continue;
    }
    const { name, least } = longest;
    report(`codec.commit32_${name}_gbps.node`, 'Gbit/s', node, { budget: least.node });
    if (page.length > 0) report(`codec.commit32_${name}_gbps.chromium`, 'Gbit/s', page, { budget: least.chromium });
    if (shape !== LONGEST) continue;
    report('codec.cores_for_50gbps', 'cores (arithmetic)', [(CLAIM_GBPS * THREADS) / median(node)]);
    report('codec.links_for_50gbps', 'links of 10 Gbit/s (arithmetic)', [(CLAIM_GBPS * REDUNDANCY) / LINK_GBPS]);
  }
  await pool.close();
}

function rates(ms: readonly number[], bytes: number): number[] {
  return ms.map((one) => bytes / 1e6 / one);
}

function gbits(ms: readonly number[], bytes: number): number[] {
  return ms.map((one) => (bytes * 8) / 1e6 / one);
}

function micro(ms: readonly number[]): number[] {
  return ms.map((one) => one * 1_000);
}

function ratios(ms: readonly number[], of: readonly number[]): number[] {
  return ms.map((one, round) => one / (of[round] ?? Number.NaN));
}
