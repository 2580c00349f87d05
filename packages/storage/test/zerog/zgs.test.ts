import { tagsOf } from '@perigee/light-core/kv';
import { fileTreeOf, nobleFileHash } from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, MAX_HTTP_BATCH, MAX_WAITING_FILE_BYTES, toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sample, sampleOf, segmentOf } from '../files.ts';
import { ask, call, post, uploadOf } from './client.ts';
import { type StorageNetwork, startStorageNetwork } from './storage-network.ts';
import { ETHEREUM_CHAIN_ID } from './storing-node.ts';

const FOUR = sampleOf(3 * FILE_SEGMENT_BYTES + 700);
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`;
const rootOf = ({ tree }: Sample): string => hex(tree.root);

let network: StorageNetwork;
let url: string;

beforeAll(async () => {
  const others = {
    handles: (method: string) => method.startsWith('eth_'),
    call: async (method: string, params: readonly unknown[]) => [method, ...params],
  };
  network = await startStorageNetwork([{ shardId: 0, numShard: 1 }], { others: [others] });
  url = network.at(0).url;
});
afterAll(() => network.stop());

const refusal = (code: number, data: unknown) => ({ error: expect.objectContaining({ code, data }) });

describe('a file', () => {
  it('is uploaded by 0G’s methods, and downloaded', async () => {
    const file = await network.submit(FOUR);
    const { txSeq } = file;
    expect(await ask(url, 'zgs_getFileInfoByTxSeq', txSeq)).toEqual({
      tx: {
        streamIds: [],
        data: [],
        dataMerkleRoot: rootOf(FOUR),
        merkleNodes: FOUR.tree.nodes.map(({ height, root }) => [height + 1, hex(root)]),
        startEntryIndex: file.startSector,
        size: FOUR.data.length,
        seq: txSeq,
      },
      finalized: false,
      isCached: false,
      uploadedSegNum: 0,
      pruned: false,
    });
    expect(await ask(url, 'zgs_checkFileFinalized', rootOf(FOUR))).toBe(false);
    expect(await ask(url, 'zgs_uploadSegmentsByTxSeq', [uploadOf(FOUR, 0), uploadOf(FOUR, 3)], txSeq)).toBe(2);
    expect(await ask(url, 'zgs_uploadSegmentsByTxSeq', [uploadOf(FOUR, 3), uploadOf(FOUR, 1)], txSeq)).toBe(2);
    expect(await ask(url, 'zgs_getFileInfo', rootOf(FOUR), true)).toMatchObject({ finalized: false, uploadedSegNum: 3 });
    expect(await call(url, 'zgs_uploadSegmentByTxSeq', uploadOf(FOUR, 1), txSeq)).toMatchObject(
      refusal(-32_603, 'segment has already been uploaded or is being uploaded'),
    );
    expect(await ask(url, 'zgs_downloadSegmentByTxSeq', txSeq, 2_048, 3_072)).toBeNull();
    expect(await ask(url, 'zgs_downloadSegmentWithProof', rootOf(FOUR), 2)).toBeNull();
    expect(await ask(url, 'zgs_uploadSegment', uploadOf(FOUR, 2))).toBe(1);
    expect(await ask(url, 'zgs_checkFileFinalized', txSeq)).toBe(true);
    const again = await call(url, 'zgs_uploadSegmentsByTxSeq', [uploadOf(FOUR, 0)], txSeq);
    expect(again.error).toEqual({ code: -32_602, message: 'Invalid params: root', data: 'already uploaded and finalized' });

    const padded = new Uint8Array(4 * FILE_SEGMENT_BYTES);
    padded.set(FOUR.data);
    for (const [start, end] of [
      [0, 1_024],
      [3_072, 3_075],
      [1_000, 2_024],
      [5, 6],
    ] as const) {
      const data = await ask(url, 'zgs_downloadSegment', rootOf(FOUR), start, end);
      expect(Buffer.from(String(data), 'base64').equals(padded.subarray(256 * start, 256 * end))).toBe(true);
    }
    for (const index of [0, 3]) {
      expect(await ask(url, 'zgs_downloadSegmentWithProofByTxSeq', txSeq, index)).toEqual(uploadOf(FOUR, index));
    }
  });

  it('names the streams that it writes to', async () => {
    const streams = [1, 2].map((last) => new Uint8Array(32).fill(0xab, 0, 31).fill(last, 31));
    const { txSeq } = await network.submit(sampleOf(500, 'streams'), tagsOf(streams));
    expect(await ask(url, 'zgs_getFileInfoByTxSeq', txSeq)).toMatchObject({ tx: { streamIds: streams.map(hex) } });
  });

  it('is found by its root: rather the one that can be had', async () => {
    // zeros of 17 and of 18 chunks have one root
    const [short, long] = [17, 18].map((chunks) => {
      const data = new Uint8Array(chunks * 256);
      return { data, tree: fileTreeOf(data, nobleFileHash) };
    }) as [Sample, Sample];
    const first = await network.submit(short);
    await ask(url, 'zgs_uploadSegmentsByTxSeq', [uploadOf(short, 0)], first.txSeq);
    const { txSeq } = await network.submit(long);
    expect(await ask(url, 'zgs_getFileInfo', rootOf(long), true)).toMatchObject({ tx: { seq: first.txSeq, size: 17 * 256 } });
    expect(await ask(url, 'zgs_getFileInfo', rootOf(long), false)).toMatchObject({ tx: { seq: txSeq, size: 18 * 256 } });
  });

  it('may come before its submission, when it is small', async () => {
    const early = sampleOf(FILE_SEGMENT_BYTES + 1, 'early');
    expect(await ask(url, 'zgs_getFileInfo', rootOf(early), true)).toBeNull();
    expect(await ask(url, 'zgs_uploadSegments', [uploadOf(early, 0), uploadOf(early, 1)])).toBe(2);
    const { txSeq } = await network.submit(early);
    for (let i = 0; i < 100 && (await ask(url, 'zgs_checkFileFinalized', txSeq)) !== true; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await ask(url, 'zgs_getFileInfoByTxSeq', txSeq)).toMatchObject({ finalized: true, uploadedSegNum: 2 });
    const large = { ...uploadOf(early, 0), root: `0x${'12'.repeat(32)}`, fileSize: MAX_WAITING_FILE_BYTES + 1 };
    expect(await call(url, 'zgs_uploadSegment', large)).toMatchObject(
      refusal(-32_602, 'caching of large file when tx is unavailable is not supported'),
    );
  });
});

describe('a disk without room', () => {
  it('is said over HTTP, and what was acknowledged stays', async () => {
    const full = await startStorageNetwork([{ shardId: 0, numShard: 1 }], { budgetBytes: 2.5 * FILE_SEGMENT_BYTES });
    try {
      const { url: there, faults, log } = full.at(0);
      const [kept, second] = [sampleOf(FILE_SEGMENT_BYTES, 'kept'), sampleOf(3 * FILE_SEGMENT_BYTES, 'second')];
      await full.submit(kept);
      expect(await ask(there, 'zgs_uploadSegment', uploadOf(kept, 0))).toBe(1);
      const { txSeq } = await full.submit(second);
      const refused = refusal(-32_603, 'no space left for segments on this node');
      const used = log.usedBytes;
      const all = [0, 1, 2].map((index) => uploadOf(second, index));
      // nothing of what is refused is kept or counted
      expect(await call(there, 'zgs_uploadSegmentsByTxSeq', all, txSeq)).toMatchObject(refused);
      expect(await ask(there, 'zgs_getFileInfoByTxSeq', txSeq)).toMatchObject({ finalized: false, uploadedSegNum: 0 });
      expect(log.usedBytes).toBe(used);
      expect(await ask(there, 'zgs_downloadSegmentWithProof', rootOf(kept), 0)).toEqual(uploadOf(kept, 0));
      expect(await ask(there, 'zgs_checkFileFinalized', rootOf(kept))).toBe(true);
      expect(await ask(there, 'zgs_checkFileFinalized', txSeq)).toBe(false);
      expect(faults.every(({ code }) => code === 'STORE_FULL')).toBe(true);
    } finally {
      await full.stop();
    }
  });
});

describe('what the node says of itself', () => {
  it('is what clients look at', async () => {
    expect(await ask(url, 'zgs_getShardConfig')).toEqual({ shardId: 0, numShard: 1 });
    expect(await ask(url, 'zgs_getStatus')).toEqual({
      connectedPeers: expect.any(Number),
      logSyncHeight: expect.any(Number),
      logSyncBlock: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      nextTxSeq: expect.any(Number),
      networkIdentity: {
        chainId: ETHEREUM_CHAIN_ID,
        flowAddress: '0x0000000000000000000000000000000000005046',
        p2pProtocolVersion: { major: 1, minor: 0, build: 0 },
      },
    });
    for (const method of ['zgs_getHashAtNodeIndex', 'zgs_getDataByNodeIndex']) expect(await ask(url, method, 7)).toBeNull();
    const file = await network.submit(sampleOf(300, 'flow'));
    expect(await ask(url, 'zgs_getFlowContext')).toEqual([hex(file.flowRoot), file.startSector + 2]);
    expect(await call(url, 'zgs_getSectorProof', 1, null)).toMatchObject({
      error: { code: -32_603, data: expect.stringContaining('sectors') },
    });
  });

  it('has methods of other kinds on the same port, in one batch', async () => {
    const batch = [
      { jsonrpc: '2.0', id: 'a', method: 'eth_chainId', params: [] },
      { jsonrpc: '2.0', id: 2, method: 'zgs_getShardConfig' },
      { jsonrpc: '2.0', method: 'eth_silent' },
      { jsonrpc: '2.0', id: 1.5, method: 'admin_shutdown', params: [] },
      7,
    ];
    expect((await post(url, JSON.stringify(batch))).json).toEqual([
      { jsonrpc: '2.0', id: 'a', result: ['eth_chainId'] },
      { jsonrpc: '2.0', id: 2, result: { shardId: 0, numShard: 1 } },
      { jsonrpc: '2.0', id: 1.5, error: expect.objectContaining({ code: -32_601, message: 'Method not found' }) },
      { jsonrpc: '2.0', id: null, error: expect.objectContaining({ code: -32_600 }) },
    ]);
    expect(await post(url, JSON.stringify([batch[2]]))).toEqual({ status: 204, json: undefined });
  });
});

describe('hostile calls', () => {
  it('are refused with a code, and nothing of them is kept', async () => {
    const sample = sampleOf(2 * FILE_SEGMENT_BYTES, 'hostile');
    const other = sampleOf(2 * FILE_SEGMENT_BYTES, 'other');
    const { txSeq } = await network.submit(sample);
    const small = await network.submit(sampleOf(600, 'small'));
    const good = uploadOf(sample, 1);
    const flipped = new Uint8Array(segmentOf(sample, 1).data);
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    const invalid = (param: string, data: unknown = expect.any(String)) => ({
      error: { code: -32_602, message: `Invalid params: ${param}`, data },
    });
    const upload = (segment: unknown, seq: unknown = txSeq) => call(url, 'zgs_uploadSegmentsByTxSeq', [segment], seq);
    expect(await upload(uploadOf(sample, 1, { data: flipped }))).toMatchObject(invalid('proof'));
    expect(await upload({ ...good, index: 0 })).toMatchObject(invalid('proof'));
    expect(await upload({ ...good, index: 2 })).toMatchObject(invalid('index', 'index out of bound'));
    expect(await upload({ ...good, data: good.data?.toString().slice(0, 344) })).toMatchObject(invalid('data'));
    expect(await upload({ ...good, proof: uploadOf(other, 1).proof })).toMatchObject(invalid('proof'));
    expect(await upload({ ...good, root: rootOf(other) })).toMatchObject(refusal(-32_603, 'data root and tx seq not match'));
    expect(await upload(good, small.txSeq)).toMatchObject(refusal(-32_603, 'data root and tx seq not match'));
    expect(await upload({ ...good, fileSize: 1 })).toMatchObject(
      invalid('file_size', 'segment file size not matched with tx file size'),
    );
    for (const [segment, param] of [
      [{ ...good, data: 'AAA*' }, 'data'],
      [{ ...good, data: '' }, 'data'],
      [{ ...good, data: 'A'.repeat(400_000) }, 'data'],
      [{ ...good, data: 12 }, 'data'],
      [{ ...good, root: '0x12' }, 'root'],
      [{ ...good, index: -1 }, 'index'],
      [{ ...good, index: 1e300 }, 'index'],
      [{ ...good, proof: null }, 'proof'],
      [{ ...good, proof: { lemma: [], path: [1] } }, 'proof'],
      [{ ...good, proof: { lemma: Array(60).fill(rootOf(sample)), path: [] } }, 'proof'],
      [null, 'segment'],
      ['x', 'segment'],
    ] as const) {
      expect(await upload(segment)).toMatchObject(invalid(param));
    }
    expect(await call(url, 'zgs_uploadSegmentsByTxSeq', Array(1_000).fill(0), txSeq)).toMatchObject(invalid('segments'));
    expect(await call(url, 'zgs_uploadSegmentsByTxSeq', [good], {})).toMatchObject(invalid('tx_seq'));
    expect(await call(url, 'zgs_downloadSegment', rootOf(sample), 0, 1_025)).toMatchObject(
      invalid('end_index', 'exceeds maximum chunks 1024'),
    );
    expect(await call(url, 'zgs_downloadSegment', rootOf(sample), 7, 7)).toMatchObject(
      invalid('end_index', 'invalid chunk index'),
    );
    expect(await call(url, 'zgs_downloadSegment', rootOf(sample), 2_040, 2_049)).toMatchObject(
      invalid('end_index', 'invalid chunk index'),
    );
    expect(await call(url, 'zgs_downloadSegmentWithProof', rootOf(sample), 2)).toMatchObject(
      invalid('index', 'index out of bound'),
    );
    expect(await call(url, 'zgs_getFileInfo', 'zz', true)).toMatchObject(invalid('data_root'));
    expect(await ask(url, 'zgs_getFileInfoByTxSeq', 2 ** 52)).toBeNull();
    expect(await ask(url, 'zgs_getFileInfoByTxSeq', txSeq)).toMatchObject({ finalized: false, uploadedSegNum: 0 });
  });

  it('in absurd JSON are refused before they are parsed', async () => {
    const parseError = {
      status: 200,
      json: expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32_700 }) }),
    };
    for (const body of [
      '',
      '{',
      'nul',
      '[1,2',
      '"'.padEnd(100, '\\"'),
      '['.repeat(1_000_000),
      `[${'0,'.repeat(400_000)}0]`,
      `"${'\\"'.repeat(400_000)}"`,
      '{"a":'.repeat(30),
      new Uint8Array([0x22, 0xff, 0x22]),
    ]) {
      expect(await post(url, body)).toEqual(parseError);
    }
    const invalid = {
      status: 200,
      json: expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32_600 }) }),
    };
    const one = { jsonrpc: '2.0', id: 1, method: 'zgs_getShardConfig' };
    for (const body of [[], Array(MAX_HTTP_BATCH + 1).fill(one), 5, null, 'x', {}, { method: 1 }]) {
      expect(await post(url, JSON.stringify(body))).toEqual(invalid);
    }
    expect(await post(url, JSON.stringify({ ...one, params: { a: 1 } }))).toMatchObject({ json: { error: { code: -32_602 } } });
    expect((await post(url, JSON.stringify(Array(MAX_HTTP_BATCH).fill(one)))).json).toHaveLength(MAX_HTTP_BATCH);
    expect(await post(url, `${' '.repeat(100_000)}${JSON.stringify({ ...one, junk: 'x'.repeat(1_000_000) })}`)).toMatchObject({
      status: 200,
    });
  });

  it('for a batch of answers that is too large are refused one by one', async () => {
    const file = sampleOf(FILE_SEGMENT_BYTES, 'batch');
    const { txSeq } = await network.submit(file, utf8('x'));
    await ask(url, 'zgs_uploadSegmentsByTxSeq', [uploadOf(file, 0)], txSeq);
    const one = { jsonrpc: '2.0', id: 1, method: 'zgs_downloadSegmentByTxSeq', params: [txSeq, 0, 1_024] };
    const answers = (await post(url, JSON.stringify(Array(40).fill(one)))).json as { readonly error?: unknown }[];
    const refused = answers.filter(({ error }) => error !== undefined);
    expect(answers).toHaveLength(40);
    expect(refused.length).toBeGreaterThan(10);
    expect(refused.length).toBeLessThan(20);
  });
});
