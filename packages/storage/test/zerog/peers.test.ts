/** 0G's own clients, unmodified, against our nodes. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ChainNode } from '@perigee/chain';
import { createEvmHandler } from '@perigee/storage/evm';
import type { RpcMethods } from '@perigee/storage/zerog';
import { fromHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { sampleBytes } from '../../../light-core/test/storage/sample.ts';
import { ask } from './client.ts';
import { SECTOR_PRICE, type StorageNetwork, startStorageNetwork } from './storage-network.ts';
import { ETHEREUM_CHAIN_ID } from './storing-node.ts';

const peer = fileURLToPath(new URL('../../../../tests/peers/zerog/', import.meta.url));
const NEW = '@0gfoundation/0g-ts-sdk';
const OLD = '@0glabs/0g-ts-sdk';
const installed = [NEW, OLD].every((sdk) => existsSync(`${peer}node_modules/${sdk}`));
const name = `0G’s clients${installed ? '' : ' (skipped: not installed, npm ci in tests/peers/zerog)'}`;
const LONG = process.env.PERIGEE_LONG === '1';
const MIB = 2 ** 20;
/** The last one falls unevenly on four nodes. */
const SIZES = LONG ? [1, 255, 256, 257, 262_143, 262_144, 262_145, 600_000, 4_456_449] : [1, 1_310_721];

const KEY = `0x${'46'.repeat(32)}`;
const ACCOUNT = fromHex('9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');
const GAS_PRICE = 7n;

type Step =
  | { readonly upload: { readonly length: number; readonly seed: number; readonly options?: unknown } }
  | { readonly download: readonly string[] };
interface Outcome {
  readonly error?: string;
  readonly rootHash?: string;
  readonly rootHashes?: readonly string[];
  readonly txHash?: string;
  readonly paid?: string;
  readonly sha256?: string;
  readonly length?: number;
}

let network: StorageNetwork;

async function run(sdk: string, indexer: string, steps: readonly Step[]): Promise<Outcome[]> {
  const child = spawn(process.execPath, ['transfer.mjs'], { cwd: peer, stdio: ['pipe', 'pipe', 'pipe'] });
  const rpc = network.at(0).url;
  child.stdin.end(JSON.stringify({ sdk, indexer, rpc, key: KEY, folder: temporaryFolder('sdk'), steps }));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === '') throw new Error(`the client said nothing: ${err}`);
  return JSON.parse(out);
}

function ethereum(chain: ChainNode): RpcMethods {
  const params = { ethereumChainId: ETHEREUM_CHAIN_ID, gasPrice: GAS_PRICE, pricePerSector: SECTOR_PRICE, maxGas: -1n };
  const handler = createEvmHandler({ chain, params, clientVersion: 'test' });
  return {
    handles: (method) => handler.handles(method),
    call: (method, given, { signal }) => handler.call(method, given, signal),
  };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const fileOf = async (root: string, headers = {}) => {
  const answer = await fetch(`${network.at(1).url}/file?root=${root}`, { headers });
  return Buffer.from(await answer.arrayBuffer());
};

/** The interface of a node, in which one bit of every segment is another. Its file locations name itself alone. */
async function startFlipping(url: string): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request));
    const answer = await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json();
    if (body.method === 'zgs_downloadSegmentByTxSeq') {
      const bytes = Buffer.from(answer.result, 'base64');
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      answer.result = bytes.toString('base64');
    }
    if (body.method === 'indexer_getFileLocations')
      answer.result = [{ url: own(), config: { shardId: 0, numShard: 1 }, latency: 0, since: 0 }];
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, url: own() };
}

describe.skipIf(!installed)(name, () => {
  beforeAll(async () => {
    const shards = [0, 1, 2, 3].map((shardId) => ({ shardId, numShard: 4 }));
    network = await startStorageNetwork(shards, { methods: ethereum, gasPrice: GAS_PRICE, rich: [ACCOUNT] });
  });
  afterAll(() => network?.stop());

  async function thereAndBack(sdk: string, sizes: readonly number[]): Promise<void> {
    const seed = sdk === OLD ? 100 : sizes.length;
    const uploads = sizes.map((length, i) => ({ upload: { length, seed: seed + i } }));
    const uploaded = await run(sdk, network.at(0).url, uploads);
    expect(uploaded.map(({ error }) => error)).toEqual(sizes.map(() => undefined));
    const downloads = uploaded.map(({ rootHash = '' }) => ({ download: [rootHash] }));
    const due = sizes.map((length, i) => ({ length, sha256: sha256(sampleBytes(length, seed + i)) }));
    expect(await run(sdk, network.at(3).url, downloads)).toMatchObject(due);
    // and by the gateway of a node that has a quarter of it
    for (const [i, { rootHash = '' }] of uploaded.entries()) expect(sha256(await fileOf(rootHash))).toBe(due[i]?.sha256);
  }

  it.each([NEW, OLD])('%s uploads to four sharded nodes and downloads the same bytes', { timeout: 600_000 }, (sdk) =>
    thereAndBack(sdk, sdk === OLD && !LONG ? [257] : SIZES),
  );

  it.runIf(LONG).each([NEW, OLD])('%s does so with 64 MiB', { timeout: 600_000 }, (sdk) => thereAndBack(sdk, [64 * MIB]));

  it('stores fragments, and gets them together', async () => {
    const length = 3 * 262_144 + 5;
    const [result] = await run(NEW, network.at(1).url, [{ upload: { length, seed: 50, options: { fragmentSize: 262_144 } } }]);
    expect(result?.rootHashes).toHaveLength(4);
    const [got] = await run(NEW, network.at(2).url, [{ download: result?.rootHashes ?? [] }]);
    expect(got).toMatchObject({ length, sha256: sha256(sampleBytes(length, 50)) });
  });

  it('takes wrong bytes from a node that flips bits, where our gateway does not', async () => {
    const data = sampleBytes(1_000, 60);
    const [{ rootHash = '' } = {}] = await run(NEW, network.at(0).url, [{ upload: { length: data.length, seed: 60 } }]);
    const info = (await ask(network.at(0).url, 'zgs_getFileInfo', rootHash, true)) as { tx: { startEntryIndex: number } };
    const holder = Math.floor(info.tx.startEntryIndex / 1_024) % 4;
    const liar = await startFlipping(network.at(holder).url);
    try {
      // the client asks nodes for their shard: one that lies about the bytes may lie about that too
      const [got] = await run(NEW, liar.url, [{ download: [rootHash] }]);
      const wrong = new Uint8Array(data);
      wrong[0] = (wrong[0] ?? 0) ^ 1;
      expect(got).toMatchObject({ length: data.length, sha256: sha256(wrong) });
    } finally {
      liar.server.close();
    }
    expect(sha256(await fileOf(rootHash))).toBe(sha256(data));
  });
});
