import { encodeFolder, FOLDER_MAGIC } from '@perigee/light-core/folder';
import { fileTreeOf, holdsSegment, nobleFileHash, type Shard } from '@perigee/light-core/storage';
import { createHost, type Host, segmentsProtocol, segmentUploadProtocol, serve } from '@perigee/net';
import {
  FILE_SEGMENT_BYTES,
  FILE_STATUS,
  FOLDER_VERSION,
  MAX_HTTP_DOWNLOADS_PER_ADDRESS,
  type SegmentAnswer,
  type StoredFile,
  type StoredPart,
  toHex,
  utf8,
} from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sample, sampleOf, segmentOf } from '../files.ts';
import { ask, call, post, uploadOf } from './client.ts';
import { announce, type StorageNetwork, startStorageNetwork } from './storage-network.ts';

const FILE = sampleOf(3 * FILE_SEGMENT_BYTES + 700);
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;
const root = hex(FILE.tree.root);
const EVEN: Shard = { shardId: 0, numShard: 2 };
const ODD: Shard = { shardId: 1, numShard: 2 };

let network: StorageNetwork;
let file: StoredFile;
let url: string;
const hosts: Host[] = [];

/** Hands every node what is of its shard. */
async function upload(sample: Sample, { txSeq, startSector }: StoredFile): Promise<void> {
  for (const { url: to, log } of network.nodes) {
    for (let index = 0; index < sample.tree.geometry.segments; index++) {
      if (holdsSegment(log.shard, startSector, index))
        await ask(to, 'zgs_uploadSegmentsByTxSeq', [uploadOf(sample, index)], txSeq);
    }
  }
}

/** A node that says it has everything, and gives what it likes. */
async function startLiar(shard: Shard, segment: (index: number) => SegmentAnswer | undefined): Promise<Host> {
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  hosts.push(host);
  await serve(host, segmentsProtocol, async function* ({ first }) {
    const answer = segment(first);
    if (answer !== undefined) yield answer;
  });
  await serve(host, segmentUploadProtocol, async () => ({ status: FILE_STATUS.finalized, missing: 0, ...shard }));
  await announce(host, network.local, { ...shard, url: 'http://192.0.2.9:1/' });
  await network.introduce(host);
  return host;
}

const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const answer = await fetch(`${url}${path}`, { headers, method });
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
};
const refused = async (path: string) => {
  const { answer, bytes } = await get(path);
  expect(answer.headers.get('content-type')).toBe('application/json');
  return { status: answer.status, ...JSON.parse(bytes.toString()) };
};

beforeAll(async () => {
  network = await startStorageNetwork([EVEN, ODD]);
  url = network.at(0).url;
  file = await network.submit(FILE);
});
afterAll(async () => {
  for (const host of hosts) await host.stop();
  await network.stop();
});

describe('a file of two shards', () => {
  it('is not given before it is there', async () => {
    const { txSeq } = file;
    expect(await refused(`/file?root=${root}`)).toMatchObject({ status: 200, code: 103, message: 'File not finalized yet' });
    expect(await refused(`/file/info/${txSeq}`)).toMatchObject({ code: 0, data: { finalized: false } });
    expect(await ask(url, 'indexer_getFileLocations', root)).toEqual([]);
    await upload(FILE, file);
  });

  it('is given whole, wherever its segments are, by root and by number', async () => {
    for (const path of [`/file?root=${root}&name=a%20"b".bin`, `/file?txSeq=${file.txSeq}`]) {
      const { answer, bytes } = await get(path);
      expect(answer.status).toBe(200);
      expect(bytes.equals(FILE.data)).toBe(true);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'accept-ranges': 'bytes',
        'access-control-allow-origin': '*',
        'content-type': 'application/octet-stream',
        'x-content-type-options': 'nosniff',
      });
    }
    const { answer, bytes } = await get(`/file?root=${root}&name=${encodeURIComponent('a "b"\r\n.bin')}`, {}, 'HEAD');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="a _b___.bin"; filename*=UTF-8''a%20%22b%22%0D%0A.bin`,
    );
    expect([answer.headers.get('content-length'), bytes.length]).toEqual([String(FILE.data.length), 0]);
  });

  it('is given in ranges', async () => {
    const { length } = FILE.data;
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=262143-262144', 262_143, 262_145],
      ['bytes=300000-', 300_000, length],
      ['bytes=-1', length - 1, length],
      [`bytes=5-${10 * length}`, 5, length],
    ] as const) {
      const { answer, bytes } = await get(`/file?root=${root}`, { Range: range });
      expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes ${start}-${end - 1}/${length}`]);
      expect(bytes.equals(FILE.data.subarray(start, end))).toBe(true);
    }
    for (const range of ['bytes=0-1,5-6', 'bytes=9-8', 'bytes=-', 'lines=1-2', 'bytes=x']) {
      expect((await get(`/file?root=${root}`, { Range: range })).answer.status).toBe(200);
    }
    for (const range of [`bytes=${length}-`, 'bytes=-0']) {
      const { answer } = await get(`/file?root=${root}`, { Range: range });
      expect([answer.status, answer.headers.get('content-range')]).toEqual([416, `bytes */${length}`]);
    }
    const etag = (await get(`/file?root=${root}`, {}, 'HEAD')).answer.headers.get('etag') ?? '';
    expect((await get(`/file?root=${root}`, { Range: 'bytes=0-0', 'If-Range': etag })).answer.status).toBe(206);
    expect((await get(`/file?root=${root}`, { Range: 'bytes=0-0', 'If-Range': '"other"' })).answer.status).toBe(200);
  });

  it('is found by who has it, and told of', async () => {
    const nodes = network.nodes.map(({ url: own, log }) => ({ url: own, config: log.shard }));
    const sorted = <T extends { url: string }>(list: T[]) => list.sort((a, b) => a.url.localeCompare(b.url));
    // nodes tell by and by what they have
    await expect
      .poll(async () => sorted((await ask(url, 'indexer_getFileLocations', root)) as { url: string }[]))
      .toMatchObject(sorted(nodes));
    expect(await refused(`/file/info/${root}`)).toMatchObject({ code: 0, data: { finalized: true, uploadedSegNum: 4 } });
    const { data } = await refused(`/files/info?cid=${file.txSeq}&cid=0x${'00'.repeat(32)}`);
    expect(data).toMatchObject([{ tx: { seq: file.txSeq } }, null]);
    expect(await refused('/node/status')).toMatchObject({ code: 0, data: { networkIdentity: { chainId: 16_602 } } });
    // the two of them are shown as one that keeps everything
    const face = { url: `${url}/network/1`, config: { shardId: 0, numShard: 1 } };
    expect(await ask(url, 'indexer_getShardedNodes')).toMatchObject({ trusted: [face], discovered: [] });
    const chosen = await ask(url, 'indexer_getSelectedNodes', 1, 'random', false, []);
    expect(chosen).toMatchObject({ trusted: [face], discovered: [] });
    const without = (await ask(url, 'indexer_getSelectedNodes', 1, 'min', true, [face.url])) as { trusted: unknown[] };
    expect(without.trusted).toHaveLength(2);
    for (const bad of [
      [2, 'min', false, []],
      [1, 'min', true, [face.url, url]],
    ]) {
      expect(await call(url, 'indexer_getSelectedNodes', ...bad)).toMatchObject({ error: { code: -32_603 } });
    }
    expect(await call(url, 'indexer_getSelectedNodes', 1, 'x')).toMatchObject({ error: { code: -32_602 } });
    expect(await ask(url, 'indexer_getNodeLocations')).toHaveProperty('127.0.0.1');
  });

  it('is taken from a client by the gateway too', async () => {
    const sample = sampleOf(700, 'gateway');
    const { txSeq, startSector } = await network.submit(sample);
    const to = network.nodes.find(({ log }) => holdsSegment(log.shard, startSector, 0))?.url ?? '';
    const { data, index, proof } = uploadOf(sample, 0);
    const answer = async (body: unknown) => (await post(`${to}/file/segment`, JSON.stringify(body))).json;
    expect(await answer({ txSeq: 10 ** 6, data, index, proof })).toMatchObject({ code: 101 });
    expect(await answer({ txSeq, data, index: 1, proof })).toMatchObject({ code: 1 });
    expect(await answer({ root: hex(sample.tree.root), data, index, proof })).toEqual({
      code: 0,
      message: 'Success',
      data: 'Succeeded to upload segment',
    });
    expect((await get(`/file?txSeq=${txSeq}`)).bytes.equals(sample.data)).toBe(true);
  });
});

describe('a node that lies', () => {
  it('is not believed: its bytes go nowhere, the segment is taken elsewhere, and it is asked no more', async () => {
    const odd = network.at(1);
    const near = network.at(0).directory;
    let asked = 0;
    const liar = await startLiar({ shardId: 0, numShard: 1 }, (index) => {
      asked++;
      const segment = segmentOf(FILE, index);
      const data = new Uint8Array(segment.data);
      data[data.length >> 1] = (data[data.length >> 1] ?? 0) ^ 1;
      return { ...segment, data };
    });
    expect(near.nodes()).toHaveLength(2);
    // so that it is asked first
    const { nodes } = near;
    near.nodes = () => nodes.call(near).sort((a) => (a.peerId === liar.peerId ? -1 : 1));
    const { answer, bytes } = await get(`/file?root=${root}`, { Range: 'bytes=262144-' });
    expect(answer.status).toBe(206);
    expect(bytes.equals(FILE.data.subarray(262_144))).toBe(true);
    expect(asked).toBeGreaterThan(0);
    expect(near.nodes().map(({ peerId }) => peerId)).toEqual([odd.host.peerId]);
    expect(network.at(0).faults.map(({ code }) => code)).toContain('FILE_PROOF');
    const before = asked;
    await get(`/file?root=${root}`);
    expect(asked).toBe(before);
    near.nodes = nodes;
  });

  it('ends a download that nobody else can go on with, before a wrong byte', async () => {
    // a file of which one shard is only with the liar
    const sample = sampleOf(2 * FILE_SEGMENT_BYTES, 'half');
    const { txSeq, startSector } = await network.submit(sample, utf8('half'));
    const own = network.at(0);
    const index = holdsSegment(EVEN, startSector, 0) ? 0 : 1;
    await ask(own.url, 'zgs_uploadSegmentsByTxSeq', [uploadOf(sample, index)], txSeq);
    await startLiar(ODD, (wanted) => ({ ...segmentOf(sample, wanted), index: 1 - wanted }));
    const answer = await fetch(`${own.url}/file?txSeq=${txSeq}`);
    const body = await answer.text().catch(() => 'broken off');
    if (index === 1) expect(JSON.parse(body)).toMatchObject({ code: 103 });
    else expect([answer.status, body]).toEqual([200, 'broken off']);
  });

  it('that announces a file it has not is not listed', async () => {
    await startLiar({ shardId: 0, numShard: 1 }, () => undefined);
    const sample = sampleOf(FILE_SEGMENT_BYTES, 'nowhere');
    await network.submit(sample);
    expect(await ask(url, 'indexer_getFileLocations', hex(sample.tree.root))).not.toContainEqual(
      expect.objectContaining({ url: 'http://192.0.2.9:1/' }),
    );
  });
});

describe('a folder', () => {
  it('is listed, and its files are given by their paths, in ranges too', async () => {
    const parts = [sampleOf(FILE_SEGMENT_BYTES + 900, 'part'), sampleOf(300, 'small part')] as const;
    const [first, second] = parts.map(({ data, tree }) => ({ root: tree.root, length: data.length })) as [StoredPart, StoredPart];
    const folder = encodeFolder({
      version: FOLDER_VERSION,
      parts: [first, second],
      files: [
        { path: 'a/ü.bin', size: FILE_SEGMENT_BYTES, part: 0, offset: 700, executable: false },
        { path: 'b', size: 300, part: 1, offset: 0, executable: false },
        { path: 'c', size: 0, offset: 0, executable: false },
      ],
      tensors: [],
    });
    const list = { data: folder, tree: fileTreeOf(folder, nobleFileHash) };
    for (const one of [...parts, list]) await upload(one, await network.submit(one));
    const cid = hex(list.tree.root);
    expect(await refused(`/file/${cid}/`)).toMatchObject({
      code: 0,
      data: [
        { name: 'a', type: 'directory' },
        { name: 'b', type: 'file', size: 300 },
        { name: 'c', type: 'file', size: 0 },
      ],
    });
    expect(await refused(`/file/${cid}/a/`)).toMatchObject({ code: 0, data: [{ name: 'ü.bin' }] });
    const whole = parts[0].data.subarray(700, 700 + FILE_SEGMENT_BYTES);
    const { answer, bytes } = await get(`/file/${cid}/a/ü.bin`);
    expect(answer.headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%BC.bin");
    expect(bytes.equals(whole)).toBe(true);
    const range = await get(`/file/${cid}/a/%C3%BC.bin`, { Range: 'bytes=262000-' });
    expect([range.answer.status, range.bytes.equals(whole.subarray(262_000))]).toEqual([206, true]);
    expect((await get(`/file/${cid}/b`)).bytes.equals(parts[1].data)).toBe(true);
    expect((await get(`/file/${cid}/c`)).bytes).toHaveLength(0);
    expect(await refused(`/file/${cid}/d`)).toMatchObject({ code: 104, data: 'd' });
    expect(await refused(`/file/${cid}/%ff`)).toMatchObject({ code: 1 });
    expect(await refused(`/file/${root}/a`)).toMatchObject({ code: 106 });
    expect(await refused(`/file/999999/a`)).toMatchObject({ code: 101 });
  });

  it('whose list anybody made up is refused', async () => {
    const damaged = { data: new Uint8Array(Buffer.concat([FOLDER_MAGIC, Buffer.alloc(700, 7)])) };
    const list = { ...damaged, tree: fileTreeOf(damaged.data, nobleFileHash) };
    await upload(list, await network.submit(list));
    expect(await refused(`/file/${hex(list.tree.root)}/a`)).toMatchObject({
      code: 106,
      data: expect.stringContaining('cannot be read'),
    });
  });
});

it('clients that read nothing hold up no others, and downloads end when they go', async () => {
  const small = (await fetch(`${url}/file?root=${root}`, { headers: { Range: 'bytes=0-9' } })).status;
  expect(small).toBe(206);
  const stop = new AbortController();
  const idle = Array.from({ length: MAX_HTTP_DOWNLOADS_PER_ADDRESS }, () =>
    fetch(`${url}/file?root=${root}`, { signal: stop.signal }),
  );
  for (const one of idle) expect((await one).status).toBe(200);
  expect(await ask(url, 'zgs_getShardConfig')).toEqual(EVEN);
  stop.abort();
  expect((await get(`/file?root=${root}`, { Range: 'bytes=0-9' })).bytes.equals(FILE.data.subarray(0, 10))).toBe(true);
});

describe('paths', () => {
  it('that lead nowhere say so', async () => {
    for (const [path, code] of [
      ['/file', 1],
      ['/file?root=zz', 1],
      ['/file?txSeq=-1', 1],
      [`/file?root=0x${'00'.repeat(32)}`, 101],
      ['/file/info/zz', 1],
      ['/file/info/%00', 1],
      ['/file/info/999999', 101],
      ['/files/info', 1],
      [`/files/info?${'cid=1&'.repeat(65)}`, 1],
    ] as const) {
      expect(await refused(path)).toMatchObject({ status: 200, code });
    }
    expect((await get('/nowhere')).answer.status).toBe(404);
    expect((await get('/')).answer.status).toBe(405);
    expect((await get(`/file?root=${'0'.repeat(5_000)}`)).answer.status).toBe(414);
    expect((await get('/file', {}, 'DELETE')).answer.status).toBe(404);
    const { answer } = await get('/file', { 'Access-Control-Request-Headers': 'range, x-other' }, 'OPTIONS');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toBe('range, x-other');
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
  });
});
