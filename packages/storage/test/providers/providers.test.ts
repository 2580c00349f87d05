import type { FileHash } from '@perigee/light-core/storage';
import { segmentsProtocol, serve, systemClock } from '@perigee/net';
import { peerIdOfKey } from '@perigee/net/providers';
import { MAX_PROVIDERS_PER_FILE, PROVIDER_LIFETIME_MS, PROVIDER_RENEW_MS, type StoredFile, toHex } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { StorageDirectory } from '../../src/node/index.ts';
import { startZerogServer } from '../../src/zerog/index.ts';
import { FileLedger, type Sample, sampleOf, segmentOf } from '../files.ts';
import { ask as askRpc } from '../zerog/client.ts';
import {
  announce,
  ask,
  clientHost,
  connect,
  GENESIS,
  MovedClock,
  type ProviderNode,
  type ProviderNodeOptions,
  recordOf,
  startNode,
  store,
} from './provider-network.ts';

const SIGNAL = (): AbortSignal => AbortSignal.timeout(60_000);
/** Twenty connect to each other 190 times, which takes a processor for 13 seconds. */
const NODES = process.env.PERIGEE_LONG === '1' ? 20 : 8;

let hash: FileHash;
beforeAll(async () => {
  hash = await loadFileHasher();
});

const idsOf = (list: readonly { readonly peerId: string }[]): string[] => list.map(({ peerId }) => peerId).sort();

/** A chain with one file of three segments, and nodes that know of it. */
async function network(
  count: number,
  more: Partial<ProviderNodeOptions> = {},
): Promise<{ nodes: ProviderNode[]; sample: Sample; file: StoredFile; ledger: FileLedger }> {
  const ledger = new FileLedger();
  const sample = sampleOf(2 * 262_144 + 700, 'providers');
  const file = ledger.submit(sample);
  ledger.advance();
  const options = { hash, ledger, ...more };
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(options)));
  await eventually(() => expect(nodes.every(({ log }) => log.nextTxSeq === 1)).toBe(true));
  return { nodes, sample, file, ledger };
}

const at = (nodes: readonly ProviderNode[], place: number): ProviderNode => {
  const node = nodes.at(place);
  if (node === undefined) throw new Error(`there is no node ${place}`);
  return node;
};

describe('who has a file', () => {
  it('is told anew before an announcement ends, and no more after it has', async () => {
    const clock = new MovedClock();
    const { nodes, sample, file } = await network(2, { clock });
    const [holder, other] = [at(nodes, 0), at(nodes, 1)];
    await connect(holder, other);
    await eventually(() => expect(holder.providers.stats().peers).toBe(1));
    await store(holder, sample, file);
    const expiry = async () => (await ask(other.host, holder, file.root))[0]?.body.expiry ?? 0;
    await eventually(() => expect(other.providers.stats().records).toBe(1));
    const first = await expiry();
    clock.move(PROVIDER_RENEW_MS);
    await eventually(async () => expect(await expiry()).toBeGreaterThanOrEqual(first + PROVIDER_RENEW_MS));
    expect(await other.providers.find(file, SIGNAL())).toHaveLength(1);
    await holder.stop();
    clock.move(PROVIDER_LIFETIME_MS);
    await eventually(() => expect(other.providers.stats().records).toBe(0));
  });

  it('is found among many nodes after half of them stopped, and a liar is not listed', async () => {
    const { nodes, sample, file } = await network(NODES);
    // each knows one node only: the rest they learn of from each other
    for (let i = 1; i < NODES; i++) await connect(at(nodes, i), at(nodes, Math.floor(i / 2)));
    await eventually(() => expect(Math.min(...nodes.map(({ providers }) => providers.stats().peers))).toBeGreaterThan(0));
    const [holder, second, liar, asker] = [-1, -2, -3, -4].map((place) => at(nodes, place));
    if (!holder || !second || !liar || !asker) throw new Error('no nodes');
    await store(holder, sample, file);
    await store(second, sample, file);
    // some were told by both
    await eventually(() => {
      expect(nodes.filter(({ providers }) => providers.stats().records === 2).length).toBeGreaterThanOrEqual(7);
    });
    const record = await recordOf(liar.host, file.root);
    await Promise.all(nodes.map((node) => (node === liar ? undefined : announce(liar.host, node, record))));

    for (let i = 0; i < NODES / 2; i++) await at(nodes, i).stop();
    expect(idsOf(await asker.providers.find(file, SIGNAL()))).toEqual(idsOf([holder.host, second.host]));
    expect(asker.liars.get(liar.host.peerId)?.code).toBe('NOT_FOUND');
    // nor is it told of any more
    expect((await ask(asker.host, asker, file.root).catch(() => [])).map(({ body }) => peerIdOfKey(body.key))).not.toContain(
      liar.host.peerId,
    );
    // a client that knows one node only has what that node has found proved
    const client = await clientHost();
    const told = await ask(client, asker, file.root, true);
    expect(told.map(({ body }) => peerIdOfKey(body.key)).sort()).toEqual(idsOf([holder.host, second.host]));
  });

  it('does not list who gives false segments, and hears no more of them', async () => {
    const { nodes, sample, file } = await network(1);
    const node = at(nodes, 0);
    const liar = await clientHost();
    await serve(liar, segmentsProtocol, async function* ({ first }) {
      const segment = segmentOf(sample, first);
      const data = new Uint8Array(segment.data);
      data[0] = (data[0] ?? 0) ^ 1;
      yield { ...segment, data };
    });
    const record = await recordOf(liar, file.root);
    await announce(liar, node, record);
    expect(await ask(liar, node, file.root)).toHaveLength(1);
    expect(await ask(liar, node, file.root, true)).toEqual([]);
    expect(node.liars.get(liar.peerId)?.code).toBe('FILE_PROOF');
    expect(await ask(liar, node, file.root)).toEqual([]);
    expect(await codeOfPromise(announce(liar, node, record))).toBe('REFUSED');
  });

  it('is answered by the indexer, and served by the gateway, of a node that has nothing of it', async () => {
    const url = 'http://192.0.2.9:1/';
    const { nodes, sample, file, ledger } = await network(3, { url });
    const [asked, known, holder] = [at(nodes, 0), at(nodes, 1), at(nodes, 2)];
    for (const node of [asked, holder]) await connect(node, known);
    await store(holder, sample, file);
    await eventually(() => expect(asked.providers.stats().records).toBe(1));
    const liar = await clientHost();
    await announce(liar, asked, await recordOf(liar, file.root, { url: 'http://192.0.2.66:1/' }));

    const { host, log, node, providers } = asked;
    const directory = new StorageDirectory({ host, genesisHash: GENESIS, now: systemClock.now });
    const server = await startZerogServer({
      listen: '127.0.0.1',
      port: 0,
      host,
      state: ledger,
      node,
      log,
      hash,
      clock: systemClock,
      directory,
      providers,
      members: async () => new Set(),
      ethereum: { chainId: 1, flow: new Uint8Array(20) },
      onFault: () => {},
    });
    onTestFinished(() => server.stop());
    const root = `0x${toHex(file.root)}`;
    expect(await askRpc(server.url ?? '', 'indexer_getFileLocations', root)).toMatchObject([
      { url, config: { shardId: 0, numShard: 1 } },
    ]);
    const answer = await fetch(`${server.url}/file?root=${root}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(sample.data)).toBe(true);
  });

  it('is kept of so many nodes and no more: who proves that it has a file takes the place of one who did not', async () => {
    const { nodes, sample, file } = await network(1);
    const node = at(nodes, 0);
    const hosts = await Promise.all(Array.from({ length: MAX_PROVIDERS_PER_FILE }, () => clientHost()));
    for (const host of hosts) await announce(host, node, await recordOf(host, file.root));
    const idle = await clientHost();
    expect(await codeOfPromise(announce(idle, node, await recordOf(idle, file.root)))).toBe('BUSY');
    const honest = await clientHost();
    await serve(honest, segmentsProtocol, async function* ({ first }) {
      yield segmentOf(sample, first);
    });
    await announce(honest, node, await recordOf(honest, file.root));
    const kept = (await ask(honest, node, file.root)).map(({ body }) => peerIdOfKey(body.key));
    expect(kept).toHaveLength(MAX_PROVIDERS_PER_FILE);
    expect(kept).toContain(honest.peerId);
    expect(kept).not.toContain(hosts[0]?.peerId);
  });

  it('takes announcements of the one who makes them only, of files that were paid for, that are true', async () => {
    const { nodes, file } = await network(1);
    const node = at(nodes, 0);
    const [host, other] = [await clientHost(), await clientHost()];
    const tell = async (changes: Parameters<typeof recordOf>[2], from = host) =>
      codeOfPromise(announce(from, node, await recordOf(host, file.root, changes)));
    expect(await tell({}, other)).toBe('REFUSED');
    expect(await tell({ root: new Uint8Array(32) })).toBe('NOT_FOUND');
    expect(await tell({ genesisHash: new Uint8Array(32) })).toBe('WRONG_CHAIN');
    expect(await tell({ version: 2 })).toBe('PROVIDER_RECORD');
    expect(await tell({ expiry: Date.now() - 1 })).toBe('PROVIDER_RECORD');
    expect(await tell({ expiry: Date.now() + 2 * PROVIDER_LIFETIME_MS })).toBe('PROVIDER_RECORD');
    expect(await tell({ multiaddrs: [] })).toBe('PROVIDER_RECORD');
    expect(await tell({ numShard: 3 })).toBe('PROVIDER_RECORD');
    expect(await tell({ url: 'javascript:alert(1)' })).toBe('PROVIDER_RECORD');
    const record = await recordOf(host, file.root);
    const forged = { ...record, signature: new Uint8Array(64) };
    expect(await codeOfPromise(announce(host, node, forged))).toBe('PROVIDER_RECORD');
    expect(node.providers.stats().records).toBe(0);
    expect(await tell({})).toBe('none');
    expect(node.providers.stats().records).toBe(1);
  });
});
