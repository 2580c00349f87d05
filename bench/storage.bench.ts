import { randomFillSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { FileTreeBuilder } from '../packages/light-core/src/storage/index.ts';
import { loadFileHasher } from '../packages/workers/src/codec.ts';
import { report } from './figure.ts';

// The tree of a file of random bytes, with its data root and the nodes of its submission, on one thread. Beside it 0G's SDK, which hashes a
// file once for the root and once for the submission, and hash-wasm, the fastest Keccak in the registry, in the same tree.
const BYTES = 64 << 20;
/** The SDK takes some seconds for this. */
const PEER_BYTES = 8 << 20;
const ROUNDS = 9;
const PEER_ROUNDS = 3;
const PIECE = 4 << 20;
const SEGMENT = 262_144;

interface Peers {
  readonly MemData: new (
    data: Uint8Array,
  ) => { merkleTree(): Promise<unknown[]>; createSubmission(tags: string): Promise<unknown[]> };
  readonly createKeccak: (bits: number) => Promise<Keccak>;
}
interface Keccak {
  init(): void;
  update(data: Uint8Array): void;
  digest(form: 'binary'): Uint8Array;
}

/** What `npm ci` in tests/peers/zerog installs. */
function peers(): Peers | undefined {
  const require = createRequire(`${process.cwd()}/tests/peers/zerog/package.json`);
  try {
    const [sdk, hashWasm] = ['@0gfoundation/0g-ts-sdk', 'hash-wasm'].map(require);
    return { MemData: sdk.MemData, createKeccak: hashWasm.createKeccak };
  } catch {
    console.log('skipped: tests/peers/zerog is not installed (npm ci there); nothing is measured beside us');
    return undefined;
  }
}

/** MiB for each second of processor time: on a machine that others use too, only that is the program's own. */
async function rate(bytes: number, run: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return bytes / 2 ** 20 / ((user + system) / 1e6);
}

const data = randomFillSync(new Uint8Array(BYTES));
const hasher = await loadFileHasher();
function root(length: number): Uint8Array {
  const builder = new FileTreeBuilder(hasher);
  for (let at = 0; at < length; at += PIECE) builder.write(data.subarray(at, Math.min(length, at + PIECE)));
  return builder.finish().root;
}

const ours: number[] = [];
root(BYTES); // warm
for (let i = 0; i < ROUNDS; i++) ours.push(await rate(BYTES, () => root(BYTES)));

const installed = peers();
const besides = installed === undefined ? {} : { peer: { name: 'hash-wasm', samples: await hashWasm(installed) } };
report('storage.root_mibps', 'MiB/s', ours, { budget: 95, ...besides });
if (installed !== undefined) {
  const best = Math.max(...(await sdk(installed)));
  report(
    'storage.root_vs_sdk',
    '×',
    ours.map((one) => one / best),
  );
}

async function hashWasm({ createKeccak }: Peers): Promise<number[]> {
  const keccak = await createKeccak(256);
  const hashOf = (bytes: Uint8Array): Uint8Array => {
    keccak.init();
    keccak.update(bytes);
    return keccak.digest('binary');
  };
  const theirRoot = (): Uint8Array => {
    const roots: Uint8Array[] = [];
    for (let at = 0; at < PEER_BYTES; at += SEGMENT) {
      const chunks: Uint8Array[] = [];
      for (let chunk = at; chunk < at + SEGMENT; chunk += 256) chunks.push(hashOf(data.subarray(chunk, chunk + 256)));
      roots.push(fold(chunks, hashOf));
    }
    return fold(roots, hashOf);
  };
  if (Buffer.compare(theirRoot(), root(PEER_BYTES)) !== 0) throw new Error('hash-wasm gives another root');
  const rates: number[] = [];
  for (let i = 0; i < ROUNDS; i++) rates.push(await rate(PEER_BYTES, theirRoot));
  return rates;
}

async function sdk({ MemData }: Peers): Promise<number[]> {
  const rates: number[] = [];
  for (let i = 0; i < PEER_ROUNDS; i++) {
    const file = new MemData(data.subarray(0, PEER_BYTES));
    rates.push(
      await rate(PEER_BYTES, async () => {
        await file.merkleTree();
        await file.createSubmission('0x');
      }),
    );
  }
  return rates;
}

function fold(hashes: readonly Uint8Array[], hashOf: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  let level = hashes;
  const pair = new Uint8Array(64);
  while (level.length > 1) {
    const up: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      pair.set(level[i] ?? pair);
      pair.set(level[i + 1] ?? pair, 32);
      up.push(hashOf(pair));
    }
    level = up;
  }
  return level[0] ?? new Uint8Array(32);
}
