/** Runs in a page of Chromium, and in Node: reads of a cache of streams, from memory and from the device. */
import { KvCache, KvReader, type KvSource, openKvTier } from '../../packages/sampler/src/kv/index.ts';
import { toHex, utf8 } from '../../packages/wire/src/index.ts';

export interface KvReads {
  /** Of one read, milliseconds; each of a batch. */
  readonly memory: number[];
  /** Of each read. */
  readonly device: number[];
  /** Of the same bytes, from the store alone and unchecked. */
  readonly plain: number[];
  /** From opening a cache to its first read, and to when it knows all that it has. */
  readonly coldStart: number;
}

const STREAM = new Uint8Array(32).fill(0xf2);
const BATCH = 1_000;
const BATCHES = 20;
/** Batches before those that count: until the engine has compiled what they run. */
const WARM_UP = 10;
const NOW = 1_795_420_800_000;

/**
 * @param count entries, each read once from the device
 * @param directory where they lie, in Node
 */
export async function kvReads(count: number, valueBytes: number, directory?: string): Promise<KvReads> {
  const genesisHash = toHex(crypto.getRandomValues(new Uint8Array(32)));
  const open = async () => {
    const tier = await openKvTier({ genesisHash, ...(directory === undefined ? {} : { directory }) });
    const cache = new KvCache({ genesisHash: new Uint8Array(32), tier });
    return { tier, cache, stream: new KvReader({ source, cache, clock }).stream(STREAM) };
  };
  const keys = Array.from({ length: count }, (_, i) => utf8(`key ${i}`));
  const filled = await open();
  for (const [i, key] of keys.entries()) {
    const value = new Uint8Array(valueBytes).fill(i);
    filled.cache.put({
      stream: STREAM,
      key,
      height: 1,
      timeMs: NOW,
      entry: { version: i, author: new Uint8Array(20), deposit: 0n, value },
    });
    if (i % BATCH === BATCH - 1) await filled.cache.flush();
  }
  await filled.cache.flush();
  const one = keys[count - 1] as Uint8Array;
  const memory: number[] = [];
  for (let batch = -WARM_UP; batch < BATCHES; batch++) {
    const startedAt = performance.now();
    for (let i = 0; i < BATCH; i++) await filled.stream.get(one);
    if (batch >= 0) memory.push((performance.now() - startedAt) / BATCH);
  }
  await filled.cache.close();

  const startedAt = performance.now();
  const cold = await open();
  await cold.stream.get(one, { policy: 'cached' });
  await cold.cache.flush();
  const coldStart = performance.now() - startedAt;
  const device: number[] = [];
  for (const key of shuffled(keys.slice(0, -1))) {
    const began = performance.now();
    const { source } = await cold.stream.get(key, { policy: 'cached' });
    device.push(performance.now() - began);
    if (source !== 'device') throw new Error(`a value came from ${source}`);
  }
  const plain: number[] = [];
  for (const key of shuffled(keys.slice(0, -1)).slice(0, BATCH)) {
    const name = `${toHex(STREAM)}/${toHex(key)}`;
    const began = performance.now();
    await cold.tier.getMany([name]);
    plain.push(performance.now() - began);
  }
  await cold.cache.close();
  return { memory, device, plain, coldStart };
}

/** Everything is at hand: nothing is to be asked for. */
const head = { height: 1, headerHash: new Uint8Array(32), chainId: 'bench', timeMs: NOW, appHash: new Uint8Array(32) };
const nobody = async (): Promise<never> => {
  throw new Error('nothing is asked of peers here');
};
const source: KvSource = { head: () => head, isCurrent: () => true, prove: nobody, proveAt: nobody, scan: nobody };
const clock = { now: () => NOW, sleep: async () => {} };

function shuffled<T>(list: readonly T[]): T[] {
  const out = [...list];
  let seed = 1;
  for (let i = out.length - 1; i > 0; i--) {
    seed = (seed * 48_271) % 2_147_483_647;
    const j = seed % (i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

Object.assign(globalThis, { kvReads });
