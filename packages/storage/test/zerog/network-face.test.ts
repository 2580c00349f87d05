/** The whole network as one node, for clients that do not divide a file themselves. */
import { FILE_SEGMENT_BYTES, FILE_SEGMENT_CHUNKS, type StoredFile, toHex } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sample, sampleOf } from '../files.ts';
import { ask, call, uploadOf } from './client.ts';
import { type StorageNetwork, startStorageNetwork } from './storage-network.ts';

/** They fall unevenly on two shards. */
const SEGMENTS = 5;
const sample = (label: string): Sample => sampleOf((SEGMENTS - 1) * FILE_SEGMENT_BYTES + 700, label);
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;

let network: StorageNetwork;
let url: string;
/** Faces of the node that is asked. */
const face = (copy: number): string => `${url}/network/${copy}`;

async function submitted(label: string): Promise<{ readonly data: Sample; readonly file: StoredFile }> {
  const data = sample(label);
  return { data, file: await network.submit(data) };
}

const isFinalized = async (copy: number, { root }: StoredFile): Promise<unknown> =>
  ((await ask(face(copy), 'zgs_getFileInfo', hex(root), true)) as { finalized: boolean }).finalized;

const upload = async (copy: number, data: Sample, { txSeq }: StoredFile, indices = [0, 1, 2, 3, 4]): Promise<unknown> =>
  ask(
    face(copy),
    'zgs_uploadSegmentsByTxSeq',
    indices.map((index) => uploadOf(data, index)),
    txSeq,
  );

const finalizedAt = (file: StoredFile): boolean[] => network.nodes.map(({ log }) => log.status(file).finalized);

describe('the network as one node', () => {
  beforeAll(async () => {
    const half = (shardId: number) => ({ shardId, numShard: 2 });
    network = await startStorageNetwork([half(0), half(1), half(0), half(1)]);
    url = network.at(0).url;
  });
  afterAll(() => network?.stop());

  it('is listed once for each copy that there is room for, and looks like one that keeps everything', async () => {
    const all = { shardId: 0, numShard: 1 };
    const trusted = [1, 2].map((copy) => ({ url: face(copy), config: all }));
    expect(await ask(url, 'indexer_getShardedNodes')).toMatchObject({ trusted, discovered: [] });
    expect(await ask(face(1), 'zgs_getShardConfig')).toEqual(all);
    expect(await ask(face(1), 'zgs_getStatus')).toMatchObject({ networkIdentity: { chainId: 16_602 } });
    expect(await call(face(1), 'indexer_getShardedNodes')).toMatchObject({ error: { code: -32_601 } });
    for (const path of ['/network/0', '/network/9', '/network', '/network/1/x']) {
      expect((await fetch(`${url}${path}`, { method: 'POST', body: '{}' })).status, path).toBe(404);
    }
    expect((await fetch(face(1))).status).toBe(405);
  });

  it('brings each segment to a node that keeps it, and is finalized when every one is stored', async () => {
    const { data, file } = await submitted('face 1');
    expect(await isFinalized(1, file)).toBe(false);
    expect(await upload(1, data, file, [0, 1, 2])).toBe(3);
    expect(await isFinalized(1, file)).toBe(false);
    expect(await upload(1, data, file, [3, 4])).toBe(2);
    expect(await isFinalized(1, file)).toBe(true);
    expect(await isFinalized(2, file)).toBe(false);
    expect(finalizedAt(file).filter((one) => one)).toHaveLength(2);
    // once more is no harm
    expect(await upload(1, data, file)).toBe(5);
    // and the second copy is on the other two
    expect(await upload(2, data, file)).toBe(5);
    expect(await isFinalized(2, file)).toBe(true);
    expect(finalizedAt(file)).toEqual([true, true, true, true]);
  });

  it('gives any chunks, and segments with their proofs, wherever they are', async () => {
    const { data, file } = await submitted('face 2');
    expect(await ask(face(1), 'zgs_downloadSegmentByTxSeq', file.txSeq, 0, 4)).toBeNull();
    await upload(1, data, file);
    for (let index = 0; index < SEGMENTS; index++) {
      const start = index * FILE_SEGMENT_CHUNKS;
      const end = index === SEGMENTS - 1 ? start + 3 : start + FILE_SEGMENT_CHUNKS;
      const text = (await ask(face(1), 'zgs_downloadSegmentByTxSeq', file.txSeq, start, end)) as string;
      const due = Buffer.alloc((end - start) * 256);
      due.set(data.data.subarray(start * 256, end * 256));
      expect(Buffer.from(text, 'base64').equals(due), `segment ${index}`).toBe(true);
      expect(await ask(face(1), 'zgs_downloadSegmentWithProof', hex(file.root), index)).toEqual(uploadOf(data, index));
    }
  });

  it('refuses what is false before it bothers a node with it', async () => {
    const { data, file } = await submitted('face 3');
    const other = sample('face other');
    const refused = async (segment: unknown, txSeq = file.txSeq): Promise<unknown> =>
      (await call(face(1), 'zgs_uploadSegmentByTxSeq', segment, txSeq)).error;
    const flipped = { ...uploadOf(data, 1), data: uploadOf(data, 0).data };
    expect(await refused(flipped)).toMatchObject({ code: -32_602, message: 'Invalid params: proof' });
    expect(await refused(uploadOf(other, 0))).toMatchObject({ data: 'data root and tx seq not match' });
    expect(await refused({ ...uploadOf(data, 1), index: 99 })).toMatchObject({ code: -32_602 });
    expect(await refused({ ...uploadOf(data, 1), fileSize: 5 })).toMatchObject({ code: -32_602 });
    // clients come again for this one
    expect(await refused(uploadOf(other, 0), 4_000)).toMatchObject({ message: expect.stringContaining('too many data writing') });
    expect(finalizedAt(file)).toEqual([false, false, false, false]);
  });

  it('takes another node where the one that is due has gone', async () => {
    const { data, file } = await submitted('face 4');
    const [gone] = network.nodes
      .slice(1)
      .filter(({ log }) => log.shard.shardId === 1)
      .map(({ host }) => host);
    for (const { host } of network.nodes) if (gone !== undefined && host !== gone) await host.disconnect(gone.peerId);
    expect(await upload(1, data, file)).toBe(5);
    expect(await isFinalized(1, file)).toBe(true);
  });
});
