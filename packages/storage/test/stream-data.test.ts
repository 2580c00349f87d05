import { join } from 'node:path';
import { ChainNode, localReads, localState } from '@perigee/chain';
import { encodeStreamData, LATEST_VERSION, resultKey, tagsOf } from '@perigee/light-core/kv';
import { STORE } from '@perigee/light-core/state';
import { fileTreeOf, nobleFileHash, Submissions, submissionOf } from '@perigee/light-core/storage';
import { signTx } from '@perigee/light-core/tx';
import { systemClock } from '@perigee/net';
import { KvResult, MAX_KV_DATA_BYTES, type PerigeeError, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { addressOf, BALANCE, signerOf, VALIDATORS } from '../../chain/test/devnet.ts';
import { STREAM, streamingGenesis } from '../../chain/test/machine/kv/streams.ts';
import { bringStreamData, FileLog } from '../src/node/index.ts';
import { StreamDataPoster } from '../src/node/stream-data-poster.ts';
import { segmentsOf } from './files.ts';

const genesis = streamingGenesis({
  gasPrice: 0n,
  accounts: ['alice', 'bob', 'node'].map((name) => ({ address: addressOf(name), balance: BALANCE })),
});
let chain: ChainNode;
beforeAll(async () => {
  chain = await ChainNode.open({
    dir: temporaryFolder('streams'),
    genesis,
    signers: VALIDATORS.map(signerOf),
    clock: systemClock,
    blockIntervalMs: 20,
  });
  void chain.run();
});
afterAll(() => chain.close());

let nonce = 0;
async function submit(data: Uint8Array, streams = [STREAM]): Promise<number> {
  const submission = submissionOf(fileTreeOf(data, nobleFileHash), streams.length === 0 ? new Uint8Array(0) : tagsOf(streams));
  const messages = [{ storageSubmit: { ...submission, value: BALANCE / 4n } }];
  const draft = {
    lane: 0,
    nonce: nonce++,
    expiryHeight: chain.latest().height + 500,
    gasLimit: 1e6,
    maxFee: 0n,
    tip: 0n,
    messages,
  };
  const { code, log } = await chain.submit(await signTx(draft, genesis.genesisHash, signerOf('alice')));
  expect(code, log).toBe(0);
  const submissions = new Submissions(localState(chain));
  await expect.poll(() => submissions.count()).toBe(nonce);
  return nonce - 1;
}

const dataOf = (value: string) =>
  encodeStreamData({
    version: LATEST_VERSION,
    reads: [],
    writes: [{ stream: STREAM, key: utf8('key'), value: utf8(value) }],
    controls: [],
  });

/** What a storage node does at each head. */
async function startNode(signer = 'node') {
  const faults: PerigeeError[] = [];
  const onFault = (error: PerigeeError): void => void faults.push(error);
  const state = localState(chain);
  const shard = { shardId: 0, numShard: 1 };
  const log = await FileLog.open({
    dir: join(temporaryFolder('log'), 'log'),
    shard,
    budgetBytes: 2 ** 30,
    hash: nobleFileHash,
    onFault,
  });
  const submissions = new Submissions(state);
  const bring = bringStreamData({ state, submit: chain, genesisHash: genesis.genesisHash, signer: signerOf(signer) });
  const poster = new StreamDataPoster({ state, submissions, log, bring, onFault });
  const off = state.onHead(() => poster.look());
  return {
    faults,
    async store(txSeq: number, data: Uint8Array) {
      const file = await submissions.byTxSeq(txSeq);
      if (file === undefined) throw new Error(`there is no submission ${txSeq}`);
      await log.add(file);
      await log.write(txSeq, segmentsOf({ data, tree: fileTreeOf(data, nobleFileHash) }));
    },
    async stop() {
      off();
      await poster.stop();
      await log.close();
    },
  };
}

const resultOf = (txSeq: number): string | undefined => {
  const raw = localReads(chain).valueAt(STORE.kv, resultKey(txSeq));
  return raw && KvResult.decode(raw).result;
};

it('a node brings the data of a write once all of it is here, and nothing else', async () => {
  const node = await startNode();
  const [first, second] = [dataOf('first'), dataOf('second')];
  const one = await submit(first);
  const plain = await submit(utf8('no write'), []);
  const large = await submit(new Uint8Array(MAX_KV_DATA_BYTES + 1));
  const two = await submit(second);
  await node.store(plain, utf8('no write'));
  await node.store(two, second);
  await expect.poll(() => resultOf(two)).toBe('Commit');
  expect(resultOf(one)).toBeUndefined();
  expect(resultOf(large)).toBe('DataParseError: too large');
  await node.store(one, first);
  await expect.poll(() => resultOf(one)).toBe('VersionConfliction');
  await node.stop();
  expect(node.faults).toEqual([]);
});

it('two nodes that have the same file bring it once, and neither pays', async () => {
  const nodes = [await startNode('node'), await startNode('bob')];
  const data = dataOf('of two');
  const txSeq = await submit(data);
  await Promise.all(nodes.map((node) => node.store(txSeq, data)));
  await expect.poll(() => resultOf(txSeq)).toBe('Commit');
  // another one, with a node that knows nothing of what was brought
  const late = await startNode('node');
  const again = await submit(dataOf('again'));
  await late.store(again, dataOf('again'));
  await expect.poll(() => resultOf(again)).toBe('Commit');
  for (const node of [...nodes, late]) {
    await node.stop();
    expect(node.faults).toEqual([]);
  }
});
