import { iavlSpec, ics23, tendermintSpec, verifyExistence, verifyNonExistence } from '@confio/ics23';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { accountKey } from '@perigee/light-core/state';
import { Account, chainIdOf, equal, genesisHashOf, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom, temporaryFolder } from '../../../../tests/kit/index.ts';
import { checkGenesis, RESULT_CODE, StateMachine } from '../../src/index.ts';
import { certificateOf } from '../certificates.ts';
import { addressOf, BALANCE, genesisOf, transferTx } from '../devnet.ts';
import { drive, finalizeOf } from './drive.ts';

describe('the application', () => {
  it('begins once, and only with a genesis that fits', async () => {
    const dir = temporaryFolder('begin');
    const genesis = genesisOf();
    const machine = await StateMachine.open({ dir, verifyEd25519: nobleEd25519 });
    expect(await machine.info()).toMatchObject({ lastBlockHeight: 0, lastBlockAppHash: new Uint8Array(0), appVersion: 0 });
    await expect(machine.checkTx({ tx: new Uint8Array(1), type: 'new' })).rejects.toMatchObject({ code: 'GENESIS' });
    await expect(machine.commit()).rejects.toMatchObject({ code: 'BLOCK' });
    const changed = { ...genesis.initChain, initialHeight: 2 };
    await expect(machine.initChain(changed)).rejects.toMatchObject({ code: 'GENESIS' });
    expect(await machine.initChain(genesis.initChain)).toEqual({ validators: [], appHash: genesis.genesisHash });
    await machine.finalizeBlock(finalizeOf([], 1));
    await machine.commit();
    await expect(machine.initChain(genesis.initChain)).rejects.toMatchObject({ code: 'GENESIS' });
    await machine.close();
  });

  it('executes only the next block, as often as asked, and commits what it executed last', async () => {
    const { machine, genesis, block } = await drive();
    const { appHash } = await block();
    for (const height of [0, 1, 3])
      await expect(machine.finalizeBlock(finalizeOf([], height))).rejects.toMatchObject({ code: 'BLOCK' });
    const raw = await transferTx(genesis);
    const first = await machine.finalizeBlock(finalizeOf([raw], 2));
    const other = await machine.finalizeBlock(finalizeOf([], 2));
    expect(toHex(other.appHash)).toBe(toHex(appHash));
    const again = await machine.finalizeBlock(finalizeOf([raw], 2));
    expect(again).toEqual(first);
    await machine.commit();
    expect(await machine.info()).toMatchObject({ lastBlockHeight: 2, lastBlockAppHash: first.appHash });
    expect(
      Account.decode(machine.prove('account', accountKey(addressOf('bob')), 2).inner.exist?.value ?? new Uint8Array(0)).balance,
    ).toBe(BALANCE + 1n);
    await expect(machine.commit()).rejects.toMatchObject({ code: 'BLOCK' });
    await machine.close();
  });

  it('is where it was when it is opened again, and knows its chain', async () => {
    const dir = temporaryFolder('again');
    const first = await drive(undefined, dir);
    await first.block([await transferTx(first.genesis)]);
    await first.block([await transferTx(first.genesis, { nonce: 1 })]);
    const info = await first.machine.info();
    await first.machine.close();
    const second = await drive(undefined, dir);
    expect(await second.machine.info()).toEqual(info);
    const { txResults } = await second.block([
      await transferTx(first.genesis, { nonce: 1 }),
      await transferTx(first.genesis, { nonce: 2 }),
    ]);
    expect(txResults.map(({ code }) => code)).toEqual([RESULT_CODE.TX_NONCE, 0]);
    await second.machine.close();
  });

  it('gives the same roots on two machines, whatever their mempools and proposals saw', async () => {
    const [one, two] = [await drive(), await drive()];
    const { genesis } = one;
    const txs = await Promise.all([0, 1, 2, 3].map((nonce) => transferTx(genesis, { nonce })));
    for (const tx of txs) await one.machine.checkTx({ tx, type: 'new' });
    await one.machine.prepareProposal({ txs, maxTxBytes: 1e6, height: 1, time: genesis.initChain.time });
    await one.machine.processProposal({ txs: txs.slice(1), height: 1, time: genesis.initChain.time });
    expect(await one.block(txs)).toEqual(await two.block(txs));
    expect(await one.block([])).toEqual(await two.block([]));
    await one.machine.close();
    await two.machine.close();
  });

  it('never fails on transactions, however broken', async () => {
    const random = createRandom();
    const { machine, genesis, block } = await drive();
    const certify = { certify: { certificate: await certificateOf(genesis) } };
    const seeds = [await transferTx(genesis), await transferTx(genesis, { gasLimit: 1e6, messages: [certify] })];
    const rounds = process.env.PERIGEE_LONG === '1' ? 3_000 : 300;
    try {
      for (let round = 0; round < rounds; round++) {
        const whole = random.pick(seeds);
        const raw = Uint8Array.from(whole);
        for (let i = random.between(1, 4); i > 0; i--) raw[random.below(raw.length)] = random.below(256);
        const tx = random.chance(0.2) ? raw.slice(0, random.below(raw.length)) : raw;
        const { code } = await machine.checkTx({ tx, type: 'new' });
        const { txResults } = await block([tx]);
        expect(txResults[0]?.code).toBe(code);
        if (!equal(tx, whole)) expect(code).toBeGreaterThan(0);
      }
    } catch (error) {
      throw new Error(`PERIGEE_SEED=${random.seed}`, { cause: error });
    }
    await machine.close();
  });
});

describe('proposals', () => {
  it('hold what fits, in order, without what cannot be charged', async () => {
    const { machine, genesis } = await drive();
    const txs = await Promise.all([0, 1, 5, 2].map((nonce) => transferTx(genesis, { nonce })));
    const [first = 0, second = 0] = txs.map((tx) => tx.length + 3);
    const prepare = async (maxTxBytes: number) =>
      (await machine.prepareProposal({ txs, maxTxBytes, height: 1, time: genesis.initChain.time })).txs;
    expect(await prepare(1e6)).toEqual([txs[0], txs[1], txs[3]]);
    expect(await prepare(first + second)).toEqual([txs[0], txs[1]]);
    expect(await prepare(first - 1)).toEqual([]);
    await machine.close();
  });

  it('stay within the gas of a block', async () => {
    const genesis = genesisOf();
    const { consensusParams } = genesis.initChain;
    const narrow = {
      ...genesis.initChain,
      consensusParams: { ...consensusParams, block: { maxBytes: 1_000_000n, maxGas: 9_000n } },
    };
    const small = checkGenesis({ ...narrow, chainId: chainIdOf('test', genesisHashOf(narrow)) });
    const { machine } = await drive(small);
    const txs = await Promise.all([0, 1, 2].map((nonce) => transferTx(small, { nonce })));
    const { txs: taken } = await machine.prepareProposal({ txs, maxTxBytes: 1e6, height: 1, time: small.initChain.time });
    expect(taken).toEqual(txs.slice(0, 2));
    expect(await machine.processProposal({ txs: taken, height: 1, time: small.initChain.time })).toEqual({ accept: true });
    expect(await machine.processProposal({ txs, height: 1, time: small.initChain.time })).toEqual({ accept: false });
    await machine.close();
  });
});

describe('the mempool view', () => {
  it('lets each transaction see those before it, until the next block', async () => {
    const { machine, genesis, block } = await drive();
    const txs = await Promise.all([0, 1].map((nonce) => transferTx(genesis, { nonce })));
    const [first = new Uint8Array(0), second = new Uint8Array(0)] = txs;
    const check = async (tx: Uint8Array) => (await machine.checkTx({ tx, type: 'new' })).code;
    expect(await check(second)).toBe(RESULT_CODE.TX_NONCE);
    expect(await check(first)).toBe(0);
    expect(await check(first)).toBe(RESULT_CODE.TX_NONCE);
    expect(await check(second)).toBe(0);
    await block();
    expect(await check(second)).toBe(RESULT_CODE.TX_NONCE);
    await block([first]);
    expect((await machine.checkTx({ tx: second, type: 'recheck' })).code).toBe(0);
    await machine.close();
  });

  it('lets 64 transactions of one account wait', async () => {
    const { machine, genesis } = await drive();
    const codes = [];
    for (let nonce = 0; nonce < 65; nonce++) {
      codes.push((await machine.checkTx({ tx: await transferTx(genesis, { nonce }), type: 'new' })).code);
    }
    expect(codes).toEqual([...Array.from({ length: 64 }, () => 0), RESULT_CODE.BUSY]);
    expect((await machine.checkTx({ tx: await transferTx(genesis, { from: 'bob' }), type: 'new' })).code).toBe(0);
    await machine.close();
  });
});

describe('what the mempool is told of gas', () => {
  it('is what a transaction takes: a limit as high as a block would keep all others out of it', async () => {
    const { machine, genesis, block } = await drive();
    const tx = await transferTx(genesis, { gasLimit: 100_000_000 });
    const { code, gasWanted, gasUsed } = await machine.checkTx({ tx, type: 'new' });
    expect({ code, gasWanted }).toEqual({ code: 0, gasWanted: gasUsed });
    const { txResults } = await block([tx]);
    expect(txResults[0]).toMatchObject({ gasWanted: 100_000_000, gasUsed });
    await machine.close();
  });
});

describe('a query', () => {
  it('is answered with proofs that the Cosmos world verifies', async () => {
    const { machine, block } = await drive();
    const { appHash } = await block();
    for (const name of ['alice', 'nobody']) {
      const key = accountKey(addressOf(name));
      const answer = await machine.query({ path: '/store/account/key', data: key, height: 0, prove: true });
      expect(answer).toMatchObject({ code: 0, height: 1, key });
      const [inner, outer] = answer.proofOps.map(({ data }) => ics23.CommitmentProof.decode(data));
      const { exist } = outer ?? {};
      const root = Uint8Array.from(exist?.value ?? []);
      verifyExistence(ics23.ExistenceProof.fromObject(exist ?? {}), tendermintSpec, appHash, utf8('account'), root);
      if (name === 'alice')
        verifyExistence(ics23.ExistenceProof.fromObject(inner?.exist ?? {}), iavlSpec, root, key, answer.value);
      else {
        verifyNonExistence(ics23.NonExistenceProof.fromObject(inner?.nonexist ?? {}), iavlSpec, root, key);
        expect(answer.value).toEqual(new Uint8Array(0));
      }
    }
    expect((await machine.query({ path: '/store/account/key', data: utf8('a'), height: 0, prove: false })).proofOps).toEqual([]);
    await machine.close();
  });

  it('is refused with a code for another path, store or height', async () => {
    const { machine, skipTo } = await drive();
    await skipTo(25);
    const ask = async (path: string, height = 0, data = utf8('a')) =>
      (await machine.query({ path, data, height, prove: true })).code;
    expect(await ask('/store/account/key')).toBe(0);
    expect(await ask('/store/account')).toBe(RESULT_CODE.INVALID_ARGUMENT);
    expect(await ask('/store/other/key')).toBe(RESULT_CODE.INVALID_ARGUMENT);
    expect(await ask('/store/account/key', 0, new Uint8Array(0))).toBe(RESULT_CODE.INVALID_ARGUMENT);
    expect(await ask('/store/account/key', 26)).toBe(RESULT_CODE.NOT_FOUND);
    expect(await ask('/store/account/key', 5)).toBe(RESULT_CODE.PRUNED);
    await machine.close();
  });
});
