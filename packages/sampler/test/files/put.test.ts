import { createHash } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TxSubmit } from '@perigee/light-core/roles';
import { submissionOf, zeroHash } from '@perigee/light-core/storage';
import { ed25519Signer, signTx } from '@perigee/light-core/tx';
import { FILE_SEGMENT_BYTES, PENDING_PAYMENT_VERSION, PendingPayment, PerigeeError, toHex } from '@perigee/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import {
  bytesSource,
  ed25519Payer,
  type FileParts,
  hashSource,
  Payments,
  type PutFile,
  type PutOptions,
  putFile,
  readRange,
} from '../../src/files/index.ts';
import { diskJournal, handleSource } from '../../src/node.ts';
import { type FileChain, PRICE_PER_SECTOR, startFileChain } from './file-chain.ts';
import { madeSample, StorageNetwork } from './storage-network.ts';

const { signal } = new AbortController();

let chain: FileChain;
let network: StorageNetwork;
let lane = 0;
beforeAll(async () => {
  chain = await startFileChain();
});
afterAll(() => chain.stop());
beforeEach(() => {
  network = new StorageNetwork(chain.state);
  lane++;
});
afterEach(() => network.stop());

async function options(
  parts: FileParts,
  data: Uint8Array,
  more: { readonly tx?: TxSubmit; readonly folder?: string; readonly replicas?: number } = {},
): Promise<PutOptions> {
  return {
    ...parts,
    tx: more.tx ?? chain.chain,
    journal: await diskJournal(more.folder ?? temporaryFolder('journal')),
    payer: ed25519Payer(chain.account, lane),
    source: bytesSource(data),
    replicas: more.replicas ?? 1,
    signal,
  };
}

async function contentOf(parts: FileParts, { file }: PutFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of readRange({ ...parts, file, range: { from: 0, to: file.length }, signal })) hash.update(piece);
  return hash.digest('hex');
}

const digestOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe('a put', () => {
  it('is paid for once, however often it is done, and sends nothing twice', async () => {
    for (let shardId = 0; shardId < 4; shardId++) await network.addNode({ shardId, numShard: 4 });
    const parts = await network.client();
    const before = await chain.paid(lane);
    for (const length of [1, 257, 3 * FILE_SEGMENT_BYTES + 100]) {
      const { data, tree } = await madeSample(length, lane);
      const first = await putFile(await options(parts, data));
      expect(toHex(first.file.root)).toBe(toHex(tree.root));
      expect(first.paid).toBe(BigInt(tree.geometry.paddedChunks) * PRICE_PER_SECTOR);
      expect(await contentOf(parts, first)).toBe(digestOf(data));
      const again = await putFile(await options(parts, data));
      expect([again.paid, again.sentBytes, again.file.txSeq]).toEqual([0n, 0, first.file.txSeq]);
    }
    const after = await chain.paid(lane);
    expect([after.files - before.files, after.transactions]).toEqual([3, 3]);
  });

  it('has each segment at as many nodes as were asked for, and says when there are too few', async () => {
    for (const shardId of [0, 0, 1, 1]) await network.addNode({ shardId, numShard: 2 });
    const parts = await network.client();
    const { data } = await madeSample(5 * FILE_SEGMENT_BYTES, lane);
    const two = await putFile(await options(parts, data, { replicas: 2 }));
    expect(two.nodes.map(({ finalized }) => finalized)).toEqual([true, true, true, true]);
    for (const { log } of network.nodes) expect(log.status(two.file).finalized).toBe(true);
    let now = Date.now();
    const sleep = async (ms: number, until?: AbortSignal): Promise<void> => {
      await parts.clock.sleep(Math.min(ms, 5), until);
      now += 5_000;
    };
    const three = putFile({ ...(await options(parts, data, { replicas: 3 })), clock: { now: () => now, sleep } });
    expect(await codeOfPromise(three)).toBe('NOT_FOUND');
  });

  it('goes on where it was ended, at the nodes that have some of it', async () => {
    await network.addNode();
    const parts = await network.client();
    const { data } = await madeSample(40 * FILE_SEGMENT_BYTES, lane);
    const stop = new AbortController();
    const folder = temporaryFolder('journal');
    const first = putFile({
      ...(await options(parts, data, { folder })),
      signal: stop.signal,
      onProgress: ({ sentBytes }) => {
        if (sentBytes > 12 * FILE_SEGMENT_BYTES) stop.abort();
      },
    });
    expect(await codeOfPromise(first)).toBe('ABORTED');
    const second = await putFile(await options(parts, data, { folder }));
    expect(second.paid).toBe(0n);
    expect(second.sentBytes).toBeLessThanOrEqual(28 * FILE_SEGMENT_BYTES);
    expect(await contentOf(parts, second)).toBe(digestOf(data));
  });

  it('uses others beside a node that stalls, and one that is full', async () => {
    await network.addNode({ shardId: 0, numShard: 1 }, undefined, { stall: true });
    await network.addNode({ shardId: 0, numShard: 1 }, undefined, { budgetBytes: 100 });
    const good = await network.addNode();
    const parts = await network.client();
    const { data } = await madeSample(6 * FILE_SEGMENT_BYTES, lane);
    const stored = await putFile(await options(parts, data));
    expect(stored.nodes.map(({ peerId }) => peerId)).toEqual([good.host.peerId]);
  });

  it('is refused when the file changes meanwhile, or is empty', async () => {
    await network.addNode();
    const parts = await network.client();
    const path = join(temporaryFolder('put'), 'file');
    await writeFile(path, (await madeSample(2_000, lane)).data);
    const handle = await open(path);
    const source = await handleSource(handle, path);
    await writeFile(path, 'shorter');
    expect(await codeOfPromise(putFile({ ...(await options(parts, new Uint8Array(0))), source }))).toBe('REFUSED');
    await handle.close();
    expect(await codeOfPromise(putFile(await options(parts, new Uint8Array(0))))).toBe('INVALID_ARGUMENT');
  });
});

describe('a payment', () => {
  const file = async (length: number) => submissionOf((await madeSample(length, 1_000 + lane)).tree);
  const payments = async (tx: TxSubmit, folder: string): Promise<Payments> => {
    const { journal, payer, clock, state } = await options(await network.client([]), new Uint8Array(0), { tx, folder });
    return new Payments({ state, tx, journal, clock }, payer);
  };

  it('whose answer is lost is seen in the chain, and not made again', async () => {
    const lossy: TxSubmit = {
      submit: async (raw) => {
        await chain.chain.submit(raw);
        throw new PerigeeError('STREAM_CLOSED', 'the connection is lost');
      },
    };
    const before = await chain.paid(lane);
    const [paid] = await (await payments(lossy, temporaryFolder('journal'))).ensure([await file(700)], signal);
    expect(paid?.file.length).toBe(700);
    const after = await chain.paid(lane);
    expect([after.files - before.files, after.transactions]).toEqual([1, 1]);
  });

  it('that was noted and perhaps not sent is sent again as it was, and no other', async () => {
    const folder = temporaryFolder('journal');
    const sent: string[] = [];
    const stop = new AbortController();
    const deaf: TxSubmit = {
      submit: async (raw) => {
        sent.push(toHex(raw));
        stop.abort();
        throw new PerigeeError('UNREACHABLE', 'nobody is there');
      },
    };
    const submission = await file(800);
    expect(await codeOfPromise((await payments(deaf, folder)).ensure([submission], stop.signal))).toBe('ABORTED');
    const loud: TxSubmit = {
      submit: (raw) => {
        sent.push(toHex(raw));
        return chain.chain.submit(raw);
      },
    };
    const before = await chain.paid(lane);
    await (await payments(loud, folder)).ensure([submission, await file(900)], signal);
    const after = await chain.paid(lane);
    expect(sent[1]).toBe(sent[0]);
    // the one that was left, and one for the other file
    expect([after.files - before.files, after.transactions]).toEqual([2, 2]);
  });

  it('that can be in no block any more is made anew', async () => {
    const folder = temporaryFolder('journal');
    const { genesisHash } = chain.chain.genesis;
    const submission = await file(1_000);
    const message = { storageSubmit: { ...submission, nodes: [...submission.nodes], value: 10n ** 9n } };
    const draft = { lane, nonce: 0, expiryHeight: 1, gasLimit: 100_000, maxFee: 100_000n, tip: 0n, messages: [message] };
    const raw = await signTx(draft, genesisHash, chain.account);
    const { journal, payer } = await options(await network.client([]), new Uint8Array(0), { folder });
    const name = `pay-${toHex(genesisHash.slice(0, 8))}-${toHex(payer.address)}-${lane}`;
    await journal.write(name, PendingPayment.encode({ version: PENDING_PAYMENT_VERSION, raw }));
    const [paid] = await (await payments(chain.chain, folder)).ensure([submission], signal);
    expect(paid?.paid).toBeGreaterThan(0n);
    expect(await journal.read(name)).toBeUndefined();
    // what is kept and cannot be read is not taken for nothing
    await journal.write(name, Uint8Array.of(1, 2, 3));
    expect(await codeOfPromise((await payments(chain.chain, folder)).ensure([await file(1_100)], signal))).toBe('STORE_CORRUPT');
  });

  it('of an account that has too little is not begun, and of many files is a few transactions', async () => {
    const poor = ed25519Payer(ed25519Signer(zeroHash(0)));
    const { journal, clock, state } = await options(await network.client([]), new Uint8Array(0));
    const broke = new Payments({ state, tx: chain.chain, journal, clock }, poor);
    const submissions = await Promise.all(Array.from({ length: 20 }, (_, i) => file(2_000 + 256 * i)));
    expect(await codeOfPromise(broke.ensure(submissions, signal))).toBe('TX_FEE');
    const before = await chain.paid(lane);
    const paid = await (await payments(chain.chain, temporaryFolder('journal'))).ensure(submissions, signal);
    expect(paid.map(({ file }) => file.length)).toEqual(submissions.map(({ length }) => length));
    const after = await chain.paid(lane);
    expect([after.files - before.files, after.transactions]).toEqual([20, 2]);
  });
});

it('a file is hashed by several workers as by one', async () => {
  const { pool } = await network.client([]);
  for (const length of [1, FILE_SEGMENT_BYTES, 37 * FILE_SEGMENT_BYTES + 5]) {
    const { data, tree } = await madeSample(length);
    const { root, nodes } = await hashSource(bytesSource(data), { pool, signal });
    expect([toHex(root), nodes]).toEqual([toHex(tree.root), tree.nodes]);
  }
});
