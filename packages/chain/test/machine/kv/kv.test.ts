import { entryKey, resultKey } from '@perigee/light-core/kv';
import { KV_POOL, STORE, verifyStateProof } from '@perigee/light-core/state';
import { fileTreeOf, nobleFileHash, submissionOf } from '@perigee/light-core/storage';
import { kvWriteGas } from '@perigee/light-core/tx';
import { KV_DATA_WITHIN_BLOCKS, KvEntry, MAX_KV_DATA_BYTES, MAX_KV_VALUE_BYTES, MESSAGE_KIND, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../../tests/kit/index.ts';
import { RESULT_CODE, StateMachine } from '../../../src/index.ts';
import { checkConservation } from '../../../src/machine/conservation.ts';
import { KV_EVENT } from '../../../src/machine/kv/view.ts';
import { StateView } from '../../../src/state/index.ts';
import { addressOf, BALANCE, genesisOf, signerOf, transferTx } from '../../devnet.ts';
import { drive, finalizeOf } from '../drive.ts';
import { storingGenesis } from '../storage/files.ts';
import { DEPOSIT, dataOf, outcomeOf, STREAM, Streaming, streamingGenesis, write } from './streams.ts';

const OTHER = new Uint8Array(32).fill(0xf3);

describe('a chain without streams', () => {
  it('has no store for them, and takes no write', async () => {
    const streaming = await Streaming.begin(storingGenesis());
    const refused = { code: RESULT_CODE.TX_MESSAGE, log: expect.stringContaining('keeps no streams') };
    expect(await streaming.set('alice', dataOf({}))).toMatchObject(refused);
    expect(await streaming.submit('alice', dataOf({}))).toBe(0);
    expect(await streaming.bring('alice', 0, dataOf({}))).toMatchObject({ ...refused, gasUsed: 0 });
    expect(() => streaming.chain.machine.prove(STORE.kv, resultKey(0), 0)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    await streaming.close();
  });

  it('is the only one that stores no files', () => {
    expect(() => genesisOf({ kv: { depositPerByte: 1n } })).toThrow(expect.objectContaining({ code: 'GENESIS' }));
    expect(() => streamingGenesis({ kv: { depositPerByte: 1n << 65n } })).toThrow(expect.objectContaining({ code: 'GENESIS' }));
  });
});

describe('a write at once', () => {
  it('takes the next number, leaves a deposit, and is proved under the header', async () => {
    const streaming = await Streaming.begin();
    await streaming.submit('bob', dataOf({}), [OTHER]);
    const before = streaming.balance('alice');
    const done = await streaming.set('alice', dataOf({ writes: [write('a', 'hello')] }));
    expect(done).toMatchObject({ code: 0, log: '' });
    expect(outcomeOf(done)).toEqual({ message: 0, txSeq: 1, result: 'Commit' });
    expect(done.events).toEqual([
      {
        type: KV_EVENT,
        attributes: [
          { key: 'txSeq', value: '1', index: true },
          { key: 'result', value: 'Commit', index: true },
        ],
      },
    ]);
    expect(streaming.pool).toBe(6n * DEPOSIT);
    expect(streaming.balance('alice')).toBe(before - 6n * DEPOSIT - BigInt(done.gasUsed));
    expect(streaming.result(1)).toBe('Commit');
    expect(streaming.storing.flow.submissions).toBe(2);
    const { appHash } = await streaming.chain.block();
    const key = entryKey(STREAM, utf8('a'));
    const proof = streaming.chain.machine.prove(STORE.kv, key, 0);
    const entry = KvEntry.decodeCanonical(verifyStateProof(proof, { appHash, store: STORE.kv, key }) ?? new Uint8Array(0));
    expect(entry).toEqual({ version: 1, author: addressOf('alice'), deposit: 6n * DEPOSIT, value: utf8('hello') });
    await streaming.close();
  });

  it('that the rules refuse says so under its number, and changes nothing else', async () => {
    const streaming = await Streaming.begin();
    await streaming.set('alice', dataOf({ writes: [write('a', 'hers')] }));
    const his = await streaming.set('bob', dataOf({ writes: [write('a', 'his')] }));
    expect(his.code).toBe(0);
    expect(outcomeOf(his)).toEqual({ message: 0, txSeq: 1, result: 'SenderNoWritePermission' });
    const garbage = await streaming.set('alice', utf8('garbage'));
    expect(outcomeOf(garbage)?.result).toBe('DataParseError: Invalid stream data');
    expect([0, 1, 2].map((txSeq) => streaming.result(txSeq))).toEqual([
      'Commit',
      'SenderNoWritePermission',
      'DataParseError: Invalid stream data',
    ]);
    expect(streaming.value('a')).toBe('hers');
    expect(streaming.pool).toBe(5n * DEPOSIT);
    await streaming.close();
  });

  it('that names no stream, or one twice, fails as a message does', async () => {
    const streaming = await Streaming.begin();
    for (const streams of [[], [STREAM, STREAM]]) {
      expect(await streaming.set('alice', dataOf({}), streams)).toMatchObject({
        code: RESULT_CODE.TX_MESSAGE,
        data: new Uint8Array(0),
      });
    }
    expect(streaming.storing.flow.submissions).toBe(0);
    await streaming.close();
  });

  it('is for a session key within what it may spend', async () => {
    const streaming = await Streaming.begin();
    const key = signerOf('session').publicKey;
    await streaming.storing.send('alice', [
      { grantSession: { key, kinds: [MESSAGE_KIND.kvSet], cap: 52_000n, expiryHeight: 100 } },
    ]);
    const bySession = async (nonce: number, value: string) =>
      streaming.storing.run(
        await transferTx(streaming.chain.genesis, {
          from: 'session',
          account: addressOf('alice'),
          nonce,
          gasLimit: 1_000_000,
          messages: [{ kvSet: { streams: [STREAM], data: dataOf({ writes: [write('a', value)] }) } }],
        }),
      );
    expect(await bySession(1, 'x'.repeat(3_000))).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect(await bySession(2, 'small')).toMatchObject({ code: 0 });
    expect(streaming.entry('a')?.author).toEqual(addressOf('alice'));
    await streaming.close();
  });
});

describe('a submitted write', () => {
  it('is done when anybody brings its data: the poster pays nothing, the author the write and the deposit', async () => {
    const streaming = await Streaming.begin();
    const data = dataOf({ writes: [write('a', 'from a file')] });
    const txSeq = await streaming.submit('alice', data);
    expect(streaming.result(txSeq)).toBeUndefined();
    const before = { alice: streaming.balance('alice'), bob: streaming.balance('bob') };
    const brought = await streaming.bring('bob', txSeq, data);
    expect(brought).toMatchObject({ code: 0, log: '' });
    expect(outcomeOf(brought)).toEqual({ message: 0, txSeq, result: 'Commit' });
    expect(streaming.entry('a')).toMatchObject({ version: txSeq, author: addressOf('alice') });
    expect(streaming.balance('bob')).toBe(before.bob);
    expect(streaming.balance('alice')).toBe(before.alice - BigInt(kvWriteGas(data.length)) - 12n * DEPOSIT);
    await streaming.close();
  });

  it('is done once, by its own data alone; what does not match is charged to nobody and in no block', async () => {
    const streaming = await Streaming.begin();
    const data = dataOf({ writes: [write('a', 'one')] });
    const txSeq = await streaming.submit('alice', data);
    const plain = await streaming.storing.submit(submissionOf(fileTreeOf(data, nobleFileHash)), BALANCE / 4n, 'alice');
    expect(plain.code).toBe(0);
    const before = streaming.balance('bob');
    const tx = (messages: Parameters<Streaming['storing']['send']>[1], nonce = 0) =>
      transferTx(streaming.chain.genesis, { from: 'bob', nonce, gasLimit: 1e6, messages });
    const flipped = Uint8Array.from(data);
    flipped[flipped.length - 1] = 1;
    const wrong = [
      [{ kvApply: { txSeq, data: flipped } }],
      [{ kvApply: { txSeq, data: data.subarray(1) } }],
      [{ kvApply: { txSeq: txSeq + 1, data } }],
      [{ kvApply: { txSeq: 99, data } }],
      [{ kvApply: { txSeq, data } }, { transfer: { to: addressOf('alice'), amount: 1n } }],
    ];
    for (const messages of wrong) {
      const raw = await tx(messages);
      expect(await streaming.chain.machine.checkTx({ tx: raw, type: 'new' })).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
      const { txResults } = await streaming.chain.block([raw]);
      expect(txResults[0]).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, gasUsed: 0 });
      const { height, time } = finalizeOf([], streaming.chain.height() + 1);
      expect(await streaming.chain.machine.processProposal({ txs: [raw], height, time })).toEqual({ accept: false });
    }
    expect(streaming.result(txSeq)).toBeUndefined();
    expect(streaming.balance('bob')).toBe(before);
    const right = await tx([{ kvApply: { txSeq, data } }]);
    const second = await transferTx(streaming.chain.genesis, {
      from: 'carol',
      gasLimit: 1e6,
      messages: [{ kvApply: { txSeq, data } }],
    });
    const proposal = { ...finalizeOf([right, second], streaming.chain.height() + 1), maxTxBytes: 1e6 };
    expect((await streaming.chain.machine.prepareProposal(proposal)).txs).toEqual([right]);
    expect(await streaming.chain.machine.processProposal({ ...proposal, txs: [right] })).toEqual({ accept: true });
    const { txResults } = await streaming.chain.block([right, second]);
    expect(txResults.map(({ code }) => code)).toEqual([0, RESULT_CODE.TX_MESSAGE]);
    expect(txResults[1]?.log).toContain('decided already');
    expect(streaming.balance('carol')).toBe(BALANCE);
    expect(streaming.value('a')).toBe('one');
    await streaming.close();
  });

  it('reserves its streams for its author before the data comes', async () => {
    const streaming = await Streaming.begin();
    const hers = dataOf({ writes: [write('a', 'hers')] });
    const txSeq = await streaming.submit('alice', hers);
    const his = dataOf({ writes: [write('a', 'his')] });
    expect(outcomeOf(await streaming.set('bob', his))?.result).toBe('SenderNoWritePermission');
    await streaming.bring('bob', txSeq, hers);
    expect(streaming.value('a')).toBe('hers');
    await streaming.close();
  });

  it('whose data comes after that of a later one conflicts with it, and waits for no other', async () => {
    const streaming = await Streaming.begin();
    const [first, second] = ['one', 'two'].map((value) => dataOf({ writes: [write('a', value)] })) as [Uint8Array, Uint8Array];
    const early = await streaming.submit('alice', first);
    const late = await streaming.submit('alice', second);
    expect(outcomeOf(await streaming.bring('bob', late, second))?.result).toBe('Commit');
    expect(outcomeOf(await streaming.bring('bob', early, first))?.result).toBe('VersionConfliction');
    expect(streaming.value('a')).toBe('two');
    await streaming.close();
  });

  it('of more than a block takes is decided at once', async () => {
    const streaming = await Streaming.begin();
    const large = new Uint8Array(MAX_KV_DATA_BYTES + 1);
    const txSeq = await streaming.submit('alice', large);
    expect(streaming.result(txSeq)).toBe('DataParseError: too large');
    expect(outcomeOf(await streaming.set('bob', dataOf({ writes: [write('a', 'x')] })))?.result).toBe('SenderNoWritePermission');
    await streaming.close();
  });

  it('whose data does not come in time is DataUnavailable, and stays so', async () => {
    const streaming = await Streaming.begin();
    await streaming.chain.block();
    const data = dataOf({ writes: [write('a', 'x')] });
    const other = dataOf({ writes: [write('b', 'x')] });
    const inTime = await streaming.submit('alice', data);
    const never = await streaming.submit('alice', other);
    await streaming.set('alice', dataOf({ writes: [write('c', 'x')] }));
    await streaming.submit('bob', dataOf({}), [OTHER]);
    // submitted at heights 2 and 3
    await streaming.chain.skipTo(KV_DATA_WITHIN_BLOCKS + 1);
    expect(outcomeOf(await streaming.bring('bob', inTime, data))?.result).toBe('Commit');
    expect(streaming.chain.height()).toBe(KV_DATA_WITHIN_BLOCKS + 2);
    await streaming.chain.block();
    expect(streaming.result(never)).toBeUndefined();
    const { events } = await streaming.chain.block();
    expect(events).toMatchObject([{ type: KV_EVENT, attributes: [{ value: String(never) }, { value: 'DataUnavailable' }] }]);
    expect(streaming.result(never)).toBe('DataUnavailable');
    expect(await streaming.bring('carol', never, other)).toMatchObject({ code: RESULT_CODE.TX_MESSAGE, gasUsed: 0 });
    expect(streaming.value('b')).toBeUndefined();
    await streaming.close();
  });
});

describe('deposits', () => {
  it('go back when a value is deleted or replaced, to whoever left them', async () => {
    const streaming = await Streaming.begin();
    const grant = { name: 'grantWriter', stream: STREAM, account: addressOf('bob') } as const;
    await streaming.set('alice', dataOf({ writes: [write('a', '12345'), write('b', '1')], controls: [grant] }));
    expect(streaming.pool).toBe(8n * DEPOSIT);
    const before = streaming.balance('alice');
    await streaming.set('bob', dataOf({ writes: [write('a', '123456789')] }));
    expect(streaming.balance('alice')).toBe(before + 6n * DEPOSIT);
    expect(streaming.pool).toBe(12n * DEPOSIT);
    const his = streaming.balance('bob');
    const { gasUsed } = await streaming.set('alice', dataOf({ writes: [write('a', ''), write('b', '')] }));
    expect(streaming.balance('bob')).toBe(his + 10n * DEPOSIT);
    expect(streaming.balance('alice')).toBe(before + 8n * DEPOSIT - BigInt(gasUsed));
    expect(streaming.pool).toBe(0n);
    await streaming.close();
  });

  it('that the author has not are DepositMissing, and nothing is written', async () => {
    const accounts = [
      { address: addressOf('alice'), balance: 100_000n },
      { address: addressOf('bob'), balance: BALANCE },
    ];
    const streaming = await Streaming.begin(streamingGenesis({ accounts }));
    const small = dataOf({ writes: [write('a', 'x')] });
    const tx = await transferTx(streaming.chain.genesis, {
      from: 'alice',
      gasLimit: 1e6,
      maxFee: 30_000n,
      messages: [{ kvSet: { streams: [STREAM], data: small } }],
    });
    expect(outcomeOf(await streaming.storing.run(tx))?.result).toBe('Commit');
    const left = streaming.balance('alice');
    const away = await transferTx(streaming.chain.genesis, {
      from: 'alice',
      nonce: 1,
      maxFee: 30_000n,
      messages: [{ transfer: { to: addressOf('bob'), amount: left - 40_000n } }],
    });
    expect(await streaming.storing.run(away)).toMatchObject({ code: 0 });
    const poor = await transferTx(streaming.chain.genesis, {
      from: 'alice',
      nonce: 2,
      gasLimit: 1e6,
      maxFee: 35_000n,
      messages: [{ kvSet: { streams: [STREAM], data: dataOf({ writes: [write('b', 'x'.repeat(2_000))] }) } }],
    });
    const missing = await streaming.storing.run(poor);
    expect(missing).toMatchObject({ code: 0 });
    expect(outcomeOf(missing)?.result).toBe('DepositMissing');
    expect(streaming.value('b')).toBeUndefined();
    expect(streaming.pool).toBe(2n * DEPOSIT);
    await streaming.close();
  });

  it('are what the pool holds, or the block is not committed; nobody else can pay into it', async () => {
    const entry = (deposit: bigint) => ({ version: 1, author: addressOf('alice'), deposit, value: utf8('x') });
    const view = new StateView({ get: () => undefined });
    view.write(STORE.kv, entryKey(STREAM, utf8('a')), KvEntry, entry(0n));
    checkConservation(view, 0n);
    view.write(STORE.kv, entryKey(STREAM, utf8('a')), KvEntry, entry(1n));
    expect(() => checkConservation(view, 0n)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    const streaming = await Streaming.begin();
    const paid = await streaming.storing.send('alice', [{ transfer: { to: KV_POOL, amount: 1n } }]);
    expect(paid).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    await streaming.close();
  });
});

describe('a block', () => {
  it('executes 1 MiB of stream data, and leaves the rest to the next', async () => {
    const streaming = await Streaming.begin();
    // four values of the longest, and one that fills up
    const full = (n: number) => {
      const writes = Array.from({ length: 4 }, (_, i) => write(`${n}${i}`, 'x'.repeat(i < 3 ? MAX_KV_VALUE_BYTES : 65_000)));
      const head = dataOf({ writes }).length;
      return dataOf({ writes: [...writes, write('fill', 'x'.repeat(MAX_KV_DATA_BYTES - head - 47))] });
    };
    const txs = await Promise.all(
      [0, 1, 2, 3, 4].map((nonce) => {
        const data = full(nonce);
        expect(data.length).toBe(MAX_KV_DATA_BYTES);
        const messages = [{ kvSet: { streams: [STREAM], data } }];
        return transferTx(streaming.chain.genesis, { nonce, gasLimit: 1e7, maxFee: 10_000_000n, messages });
      }),
    );
    const { time } = finalizeOf([], 1);
    const { txs: taken } = await streaming.chain.machine.prepareProposal({ txs, maxTxBytes: 1e8, height: 1, time });
    expect(taken.length).toBe(4);
    expect(await streaming.chain.machine.processProposal({ txs, height: 1, time })).toEqual({ accept: false });
    const { txResults } = await streaming.chain.block(txs);
    expect(txResults.map(({ code }) => code)).toEqual([0, 0, 0, 0, RESULT_CODE.BUSY]);
    const next = await streaming.chain.block(txs.slice(4));
    expect(next.txResults[0]?.code).toBe(0);
    await streaming.close();
  });
});

describe('a snapshot', () => {
  it('carries streams: who restores it goes on identically', async () => {
    const genesis = streamingGenesis();
    const { chainId } = genesis.initChain;
    const dirs = ['first', 'second'].map((name) => temporaryFolder(name)) as [string, string];
    const open = (dir: string) =>
      StateMachine.open({ dir: `${dir}/state`, chainId, window: 20, snapshots: { dir: `${dir}/snapshots`, interval: 2 } });
    const [first, second] = [await open(dirs[0]), await open(dirs[1])];
    await first.initChain(genesis.initChain);
    const data = dataOf({ writes: [write('a', 'kept'), write('b', 'kept too')] });
    const tx = await transferTx(genesis, { gasLimit: 1e6, messages: [{ kvSet: { streams: [STREAM], data } }] });
    await first.finalizeBlock(finalizeOf([tx], 1));
    await first.commit();
    const { appHash } = await first.finalizeBlock(finalizeOf([], 2));
    await first.commit();
    await expect.poll(async () => (await first.listSnapshots()).snapshots.length).toBe(1);
    const [snapshot] = (await first.listSnapshots()).snapshots;
    if (snapshot === undefined) throw new Error('no snapshot');
    expect(await second.offerSnapshot({ snapshot, appHash })).toEqual({ result: 'accept' });
    for (let index = 0; index < snapshot.chunks; index++) {
      const { chunk } = await first.loadSnapshotChunk({ height: snapshot.height, format: snapshot.format, chunk: index });
      expect(await second.applySnapshotChunk({ index, chunk, sender: 'peer' })).toMatchObject({ result: 'accept' });
    }
    const next = await transferTx(genesis, {
      nonce: 1,
      gasLimit: 1e6,
      messages: [{ kvSet: { streams: [STREAM], data: dataOf({ writes: [write('a', '')] }) } }],
    });
    const [one, two] = await Promise.all([first, second].map((machine) => machine.finalizeBlock(finalizeOf([next], 3))));
    expect(one?.txResults[0]?.code).toBe(0);
    expect(toHex(two?.appHash ?? new Uint8Array(0))).toBe(toHex(one?.appHash ?? new Uint8Array(1)));
    await Promise.all([first, second].map((machine) => machine.close()));
  });
});

describe('a chain with streams', () => {
  it('has an app hash of its own', async () => {
    const [with_, without] = [await drive(streamingGenesis()), await drive(storingGenesis())];
    expect(toHex((await with_.block()).appHash)).not.toBe(toHex((await without.block()).appHash));
    await with_.machine.close();
    await without.machine.close();
  });
});
