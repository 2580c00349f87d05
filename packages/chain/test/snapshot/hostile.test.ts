import { hash } from 'node:crypto';
import { GENESIS_HASH_KEY } from '@perigee/light-core/state';
import { concat, type InitChain, MAX_SNAPSHOT_CHUNKS, toHex, u32le, utf8, uvarint } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, type Random, randomOf, temporaryFolder } from '../../../../tests/kit/index.ts';
import type { Snapshot } from '../../src/application/index.ts';
import { encodeGenesis } from '../../src/genesis/index.ts';
import { SnapshotChunk, SnapshotMetadata } from '../../src/snapshot/records.ts';
import { genesisOf } from '../devnet.ts';
import { block, type Carried, carry, genesis, type Kept, openState, restore, writesOf } from './states.ts';

const ROUNDS = process.env.PERIGEE_LONG === '1' ? 2_000 : 100;
const HEIGHT = 4;

let carried: Carried;
let appHash: Uint8Array;
/** Refuses everything, and so stays empty. */
let target: Kept;

beforeAll(async () => {
  const kept = await openState(undefined, HEIGHT);
  const random = createRandom(6);
  for (let height = 1; height <= HEIGHT; height++)
    appHash = await block(kept, writesOf(kept.state, random, { writes: 20, bytes: 30 }));
  carried = await carry(kept.snapshots);
  await kept.close();
  target = await openState();
});

afterAll(() => target.close());

function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(hash('sha256', bytes, 'buffer'));
}

function bitFlipped(bytes: Uint8Array, random: Random): Uint8Array {
  const out = Uint8Array.from(bytes);
  const at = random.below(out.length);
  out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  return out;
}

/** A snapshot whose hashes are right, of chunks and a genesis that need not be. */
function honestOver(chunks: readonly Uint8Array[], rawGenesis = encodeGenesis(genesis)): Carried {
  const metadata = SnapshotMetadata.encode({ genesis: rawGenesis, chunkHashes: chunks.map(sha256) });
  return { snapshot: { height: HEIGHT, format: 1, chunks: chunks.length, hash: sha256(metadata), metadata }, chunks };
}

function offered(change: Partial<Snapshot>, trusted = appHash) {
  return restore(target.snapshots, { ...carried, snapshot: { ...carried.snapshot, ...change } }, trusted);
}

describe('an offered snapshot', () => {
  it('is refused when a field is not as it was', async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const { snapshot } = carried;
    expect(await offered({ format: 0 })).toBe('rejectFormat');
    expect(await offered({ format: 2 })).toBe('rejectFormat');
    expect(await offered({ chunks: 0 })).toBe('reject');
    expect(await offered({ chunks: MAX_SNAPSHOT_CHUNKS + 1 })).toBe('reject');
    expect(await offered({ chunks: snapshot.chunks + 1 })).toBe('rejectSender');
    expect(await offered({ height: 0 })).toBe('reject');
    expect(await offered({ hash: new Uint8Array(0) })).toBe('rejectSender');
    expect(await offered({ hash: bitFlipped(snapshot.hash, random) })).toBe('rejectSender');
    expect(await offered({ metadata: new Uint8Array(0) })).toBe('rejectSender');
    for (let i = 0; i < ROUNDS; i++)
      expect(await offered({ metadata: bitFlipped(snapshot.metadata, random) })).toBe('rejectSender');
    // nodes are younger than the height that is claimed, or the root is another
    for (const height of [1, HEIGHT - 1]) expect(await offered({ height })).toBe('rejectSnapshot');
  });

  it('is refused when it is not of the verified app hash', async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    expect(await offered({}, new Uint8Array(0))).toBe('reject');
    expect(await offered({}, new Uint8Array(32))).toBe('rejectSnapshot');
    for (let i = 0; i < 20; i++) expect(await offered({}, bitFlipped(appHash, random))).toBe('rejectSnapshot');
  });

  it('is refused when its metadata are right and false', async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const refused = async (metadata: Uint8Array) =>
      expect(await offered({ metadata, hash: sha256(metadata) })).toMatch(/^reject(Sender|Snapshot)$|^retry$/);
    for (let i = 0; i < ROUNDS; i++) await refused(bitFlipped(carried.snapshot.metadata, random));
    for (let i = 0; i < 20; i++) await refused(random.bytes(random.below(2_000)));
    const { chunkHashes } = SnapshotMetadata.decode(carried.snapshot.metadata);
    // each field of the genesis, which the state names by its hash
    const fields: Partial<InitChain>[] = [{ initialHeight: 2 }, { time: { seconds: 1, nanos: 0 } }, { validators: [] }];
    for (const change of fields) {
      const raw = encodeGenesis({ ...genesis, initChain: { ...genesis.initChain, ...change } });
      await refused(SnapshotMetadata.encode({ genesis: raw, chunkHashes }));
    }
    await refused(SnapshotMetadata.encode({ genesis: encodeGenesis(genesisOf({ name: 'other', gasPrice: 2n })), chunkHashes }));
  });

  it('is refused under another name of the chain, which the state does not prove and wallets sign', async () => {
    const { initChain } = genesis;
    const renamed = { ...genesis, initChain: { ...initChain, chainId: initChain.chainId.replace('test', 'best') } };
    expect(await restore(target.snapshots, honestOver(carried.chunks, encodeGenesis(renamed)), appHash)).toBe('rejectSender');
  });

  it('costs no more than its bytes, however much it announces', async () => {
    const many = Buffer.concat(
      Array.from({ length: MAX_SNAPSHOT_CHUNKS + 1 }, () => Buffer.concat([Buffer.of(0x12, 32), Buffer.alloc(32)])),
    );
    expect(await offered({ metadata: many, hash: sha256(many) })).toBe('rejectSender');
    const announced = Buffer.concat([Buffer.of(0x0a), uvarint(2 ** 40), Buffer.alloc(100)]);
    expect(await offered({ metadata: announced, hash: sha256(announced) })).toBe('rejectSender');
    expect(await offered({ height: Number.MAX_SAFE_INTEGER, format: 2 ** 32 - 1 })).toBe('rejectFormat');
  });
});

describe('a chunk', () => {
  it('that is not as the snapshot says is asked for again, from somebody else', async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const { snapshots } = target;
    const chunk = carried.chunks[0] ?? new Uint8Array(0);
    expect(await snapshots.offer({ snapshot: carried.snapshot, appHash })).toBe('accept');
    for (const bad of [new Uint8Array(0), bitFlipped(chunk, random), chunk.subarray(1)]) {
      expect(await snapshots.apply({ index: 0, chunk: bad, sender: 'liar' })).toEqual({
        response: { result: 'retry', refetchChunks: [0], rejectSenders: ['liar'] },
      });
    }
    expect((await snapshots.apply({ index: 0, chunk: bitFlipped(chunk, random), sender: '' })).response.rejectSenders).toEqual(
      [],
    );
    // out of its turn, or when nothing was accepted
    expect((await snapshots.apply({ index: 1, chunk, sender: '' })).response.result).toBe('abort');
    await snapshots.offer({ snapshot: { ...carried.snapshot, format: 9 }, appHash });
    expect((await snapshots.apply({ index: 0, chunk, sender: '' })).response.result).toBe('abort');
    expect(target.state.latest).toBeUndefined();
  });

  it('in which anything is changed makes another state, and is refused', async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const { runs } = SnapshotChunk.decode(carried.chunks[0] ?? new Uint8Array(0));
    const all = runs.flatMap(({ nodes }, run) => nodes.map((_, node) => ({ run, node })));
    for (let i = 0; i < ROUNDS; i++) {
      const changed = runs.map(({ store, nodes }) => ({ store, nodes: nodes.map((node) => ({ ...node })) }));
      const at = random.pick(all);
      const nodes = changed[at.run]?.nodes ?? [];
      const node = nodes[at.node] ?? { version: 0 };
      const changes: Readonly<Record<string, () => void>> = {
        version: () => {
          node.version = random.pick([0, node.version + 1, node.version - 1, HEIGHT + 1].filter((v) => v >= 0));
        },
        key: () => {
          node.key = random.bytes(random.below(40));
        },
        value: () => {
          node.value = random.bytes(random.below(40));
        },
        noKey: () => {
          delete node.key;
          node.version = HEIGHT + 1;
        },
        left: () => {
          nodes.splice(at.node, 1);
        },
        twice: () => {
          nodes.splice(at.node, 0, node);
        },
        swapped: () => {
          const [first, second] = nodes.splice(0, 2);
          if (first !== undefined && second !== undefined) nodes.unshift(second, { ...first, version: first.version + 1 });
        },
        store: () => {
          const run = changed[at.run];
          if (run !== undefined) run.store = random.pick(['other', '', 'x'.repeat(32)]);
        },
      };
      const [what, change] = random.pick(Object.entries(changes));
      change();
      const chunk = SnapshotChunk.encode({ runs: changed });
      if (toHex(chunk) === toHex(carried.chunks[0] ?? new Uint8Array(0))) continue;
      expect(await restore(target.snapshots, honestOver([chunk]), appHash), what).toBe('rejectSnapshot');
    }
    for (let i = 0; i < ROUNDS; i++) {
      const chunk = bitFlipped(carried.chunks[0] ?? new Uint8Array(0), random);
      expect(await restore(target.snapshots, honestOver([chunk]), appHash)).toBe('rejectSnapshot');
    }
    // chunks that are left out, doubled or more than there are
    const [chunk = new Uint8Array(0)] = carried.chunks;
    for (const chunks of [[chunk, chunk], [new Uint8Array(0), chunk, chunk], [new Uint8Array(0)]]) {
      expect(await restore(target.snapshots, honestOver(chunks), appHash)).toBe('rejectSnapshot');
    }
    expect(target.state.latest).toBeUndefined();
  });

  it('of a tree that no block makes is refused before it grows', async () => {
    const leaf = (i: number) => ({ version: 1, key: Uint8Array.of(1, i >> 8, i), value: new Uint8Array(1) });
    const refused = async (nodes: readonly { version: number; key?: Uint8Array; value?: Uint8Array }[]) =>
      expect(
        await restore(target.snapshots, honestOver([SnapshotChunk.encode({ runs: [{ store: 'account', nodes }] })]), appHash),
      ).toBe('rejectSnapshot');
    // leaves without parents, parents without leaves, a list instead of a tree
    await refused(Array.from({ length: 20_000 }, (_, i) => leaf(i)));
    await refused(Array.from({ length: 20_000 }, () => ({ version: 1 })));
    await refused([leaf(0), ...Array.from({ length: 10_000 }, (_, i) => [leaf(i + 1), { version: 1 }]).flat()]);
    await refused([{ version: 1, key: new Uint8Array(0), value: new Uint8Array(1) }]);
    await refused([{ version: 1, key: Uint8Array.of(1) }]);
    expect(await restore(target.snapshots, honestOver([new Uint8Array((2 << 20) + 1)]), appHash)).toBe('rejectSnapshot');
  });
});

describe('a tree deeper than any block makes', () => {
  it('is refused, and ends no node, where what is looked for lies at its bottom', async () => {
    const value = new Uint8Array(32);
    const leaf = (key: Uint8Array) => ({ version: 1, key, value });
    const small = [leaf(Uint8Array.of(0))];
    for (const depth of [97, 128, 130, 200, 256, 257, 300, 1_000]) {
      const deep = Array.from({ length: depth }, (_, i) => [leaf(concat(utf8('z'), u32le(i))), { version: 1 }]).flat();
      const runs = [
        { store: 'account', nodes: small },
        { store: 'chain', nodes: [leaf(GENESIS_HASH_KEY), ...deep] },
        { store: 'da', nodes: small },
      ];
      const carriedDeep = honestOver([SnapshotChunk.encode({ runs })]);
      expect(await restore(target.snapshots, carriedDeep, appHash), `${depth} deep`).toBe('rejectSnapshot');
    }
    expect(target.state.latest).toBeUndefined();
  });
});

describe('after snapshots that were refused', () => {
  async function refuseOne(kept: Kept): Promise<void> {
    const [chunk = new Uint8Array(0)] = carried.chunks;
    expect(await restore(kept.snapshots, honestOver([chunk]), new Uint8Array(32))).toBe('rejectSnapshot');
    await kept.snapshots.offer({ snapshot: carried.snapshot, appHash });
  }

  it('a right one restores the state, and no other follows', async () => {
    const kept = await openState();
    await refuseOne(kept);
    expect(await restore(kept.snapshots, carried, appHash)).toBe('accept');
    expect(kept.state.latest).toEqual({ height: HEIGHT, appHash, stores: expect.anything() });
    expect(await kept.snapshots.offer({ snapshot: carried.snapshot, appHash })).toBe('abort');
    await kept.close();
  });

  it('a chain may begin from its genesis, and keeps its blocks', async () => {
    const dir = temporaryFolder('snapshot');
    const kept = await openState(dir);
    await refuseOne(kept);
    const first = await block(kept, writesOf(kept.state, createRandom(7), { writes: 20, bytes: 30 }));
    // nothing of the snapshot that waited is taken any more
    const [chunk = new Uint8Array(0)] = carried.chunks;
    expect((await kept.snapshots.apply({ index: 0, chunk, sender: '' })).response.result).toBe('abort');
    await kept.close();
    const again = await openState(dir);
    expect(again.state.latest).toMatchObject({ height: 1, appHash: first });
    await block(again, writesOf(again.state, createRandom(8), { writes: 20, bytes: 30 }));
    await again.close();
  });

  it('who ends in the middle of a restore begins empty', async () => {
    const dir = temporaryFolder('snapshot');
    const kept = await openState(dir);
    await kept.snapshots.offer({ snapshot: { ...honestOver([...carried.chunks, new Uint8Array(1)]).snapshot }, appHash });
    expect(
      (await kept.snapshots.apply({ index: 0, chunk: carried.chunks[0] ?? new Uint8Array(0), sender: '' })).response.result,
    ).toBe('accept');
    await kept.close();
    const again = await openState(dir);
    expect(again.state.latest).toBeUndefined();
    expect(await restore(again.snapshots, carried, appHash)).toBe('accept');
    await again.close();
  });
});
