import { encodeStreamData, entryKey, resultKey, tagsOf } from '@perigee/light-core/kv';
import { STORE } from '@perigee/light-core/state';
import { fileTreeOf, nobleFileHash, submissionOf } from '@perigee/light-core/storage';
import { KvEntry, KvResult, type TxMessage, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { createRandom } from '../../../../../tests/kit/index.ts';
import { WordsModel } from '../../../../light-core/test/kv/by-the-words.ts';
import { ACCOUNTS, KEYS, type RandomWrite, randomWrite, STREAMS } from '../../../../light-core/test/kv/random-writes.ts';
import { addressOf, BALANCE, transferTx } from '../../devnet.ts';
import { drive, finalizeOf } from '../drive.ts';
import { streamingGenesis } from './streams.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const SEEDS = LONG ? 20 : 2;
const WRITES = LONG ? 1_000 : 40;
const NAMES = ['alice', 'bob', 'carol', 'dave'];

/**
 * Writes of which some are submitted as files, whose data then reaches the two nodes in different orders: each node checks what it has in its own
 * order, one of them proposes, and both execute what it proposed.
 */
it(`random writes give on two nodes what a model gives, whatever came to them first: ${SEEDS} seeds of ${WRITES}`, {
  timeout: 600_000,
}, async () => {
  for (let round = 0; round < SEEDS; round++) {
    const seed = process.env.PERIGEE_SEED === undefined ? 9_000 + round : undefined;
    await runSeed(createRandom(seed));
  }
});

async function runSeed(random: ReturnType<typeof createRandom>): Promise<void> {
  console.log(`PERIGEE_SEED=${random.seed} repeats these writes`);
  const accounts = [...NAMES, 'poster'].map((name) => ({ address: addressOf(name), balance: 1_000n * BALANCE }));
  const genesis = streamingGenesis({ accounts });
  const nodes = [await drive(genesis), await drive(genesis)] as const;
  const model = new WordsModel();
  const nonces = new Map<string, number>();
  const sign = (from: string, messages: readonly TxMessage[], lane = 0) => {
    const name = `${from}/${lane}`;
    const nonce = nonces.get(name) ?? 0;
    nonces.set(name, nonce + 1);
    const height = nodes[0].height();
    return transferTx(genesis, { from, lane, nonce, gasLimit: 1e6, expiryHeight: height + 900, messages });
  };
  interface Late extends RandomWrite {
    readonly txSeq: number;
  }
  let late: Late[] = [];
  let txSeq = 0;
  const expected = new Map<number, string>();
  const authorOf = ({ author }: RandomWrite) => NAMES[ACCOUNTS.findIndex((one) => toHex(one) === toHex(author))] ?? 'alice';
  const sender = (write: RandomWrite) => addressOf(authorOf(write));
  while (txSeq < WRITES || late.length > 0) {
    // what is new: at once, or as a file
    const txs: Uint8Array[] = [];
    for (let count = txSeq < WRITES ? random.below(4) : 0; count > 0 && txSeq < WRITES; count--) {
      const made = randomWrite(random, txSeq);
      const write = { ...made, data: withNames(made.data) };
      const data = encodeStreamData(write.data);
      model.submit(write.streams, sender(write));
      if (random.chance(0.5)) {
        expected.set(txSeq, model.replay(txSeq, sender(write), write.streams, write.data));
        txs.push(await sign(authorOf(write), [{ kvSet: { streams: write.streams, data } }]));
      } else {
        const submission = submissionOf(fileTreeOf(data, nobleFileHash), tagsOf(write.streams));
        txs.push(await sign(authorOf(write), [{ storageSubmit: { ...submission, value: BALANCE } }]));
        late.push({ ...write, txSeq });
      }
      txSeq += 1;
    }
    for (const node of nodes) await node.block(txs);
    // data comes to the nodes in different orders
    const coming = late.filter(() => random.chance(0.4)).slice(0, 6);
    const lanes = random.shuffled(coming.map((_, lane) => lane));
    const posts = await Promise.all(
      coming.map((write, i) =>
        sign('poster', [{ kvApply: { txSeq: write.txSeq, data: encodeStreamData(write.data) } }], lanes[i]),
      ),
    );
    const [mine, theirs] = [random.shuffled(posts), random.shuffled(posts)];
    for (const tx of mine) expect(await nodes[0].machine.checkTx({ tx, type: 'new' })).toMatchObject({ code: 0 });
    for (const tx of theirs) expect(await nodes[1].machine.checkTx({ tx, type: 'new' })).toMatchObject({ code: 0 });
    const proposer = random.pick(nodes);
    const { time } = finalizeOf([], 1);
    const height = nodes[0].height() + 1;
    const { txs: proposed } = await proposer.machine.prepareProposal({
      txs: proposer === nodes[0] ? mine : theirs,
      maxTxBytes: 1e6,
      height,
      time,
    });
    expect(proposed.length).toBe(posts.length);
    for (const tx of proposed) {
      const write = coming[posts.indexOf(tx)];
      if (write !== undefined) expected.set(write.txSeq, model.replay(write.txSeq, sender(write), write.streams, write.data));
    }
    late = late.filter((write) => !coming.includes(write));
    const hashes: string[] = [];
    for (const node of nodes) {
      expect(await node.machine.processProposal({ txs: proposed, height, time })).toEqual({ accept: true });
      const { appHash, txResults } = await node.block(proposed);
      expect(txResults.every(({ code }) => code === 0)).toBe(true);
      hashes.push(toHex(appHash));
    }
    expect(hashes[1], `seed ${random.seed}`).toBe(hashes[0]);
  }
  const [node] = nodes;
  for (const [number, result] of expected) {
    const raw = node.value(STORE.kv, resultKey(number));
    expect(raw && KvResult.decode(raw).result, `seed ${random.seed}, write ${number}`).toBe(result);
  }
  for (const stream of STREAMS) {
    for (const key of KEYS) {
      const raw = node.value(STORE.kv, entryKey(stream, key));
      const row = model.value(toHex(stream), toHex(key));
      expect(raw && toHex(KvEntry.decode(raw).value)).toBe(row === undefined || row.value === '' ? undefined : row.value);
    }
  }
  for (const one of nodes) await one.machine.close();

  /** The accounts of the writes are the addresses of their names here. */
  function withNames(data: RandomWrite['data']): RandomWrite['data'] {
    const controls = data.controls.map((control) => {
      const name = NAMES[ACCOUNTS.findIndex((one) => toHex(one) === toHex(control.account ?? new Uint8Array(0)))];
      return name === undefined ? control : { ...control, account: addressOf(name) };
    });
    return { ...data, controls };
  }
}
