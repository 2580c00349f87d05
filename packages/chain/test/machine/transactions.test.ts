import { FEE_POOL } from '@perigee/light-core/state';
import { gasOf } from '@perigee/light-core/tx';
import { Tx } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { RESULT_CODE } from '../../src/index.ts';
import { readAccount } from '../../src/machine/accounts.ts';
import { addressOf, BALANCE, genesisOf, transferTx } from '../devnet.ts';
import { drive } from './drive.ts';

const genesis = genesisOf({ gasPrice: 3n });

describe('a transfer', () => {
  it('moves tokens, takes nonce and fee, and loses none', async () => {
    const chain = await drive(genesis);
    const raw = await transferTx(genesis, { tip: 5n, messages: [{ transfer: { to: addressOf('carol'), amount: 40n } }] });
    const { txResults } = await chain.block([raw]);
    const gas = gasOf(Tx.decode(raw), raw.length);
    const fee = 3n * BigInt(gas) + 5n;
    expect(txResults).toMatchObject([{ code: 0, log: '', gasWanted: 100_000, gasUsed: gas }]);
    expect(chain.account('alice')).toEqual({ balance: BALANCE - 40n - fee, nonces: [{ lane: 0, next: 1 }] });
    expect(chain.account('carol')).toEqual({ balance: 40n, nonces: [] });
    const pool = readAccount({ get: chain.value }, FEE_POOL);
    expect(pool?.balance).toBe(fee);
    expect(chain.account('alice').balance + chain.account('carol').balance + chain.account('bob').balance + fee).toBe(
      2n * BALANCE,
    );
    await chain.machine.close();
  });

  it('to oneself changes nothing but nonce and fee', async () => {
    const chain = await drive();
    await chain.block([await transferTx(chain.genesis, { messages: [{ transfer: { to: addressOf('alice'), amount: 40n } }] })]);
    expect(chain.account('alice').balance).toBe(BALANCE);
    await chain.machine.close();
  });

  it('of more than there is fails, undoes all messages of its transaction, and costs the fee', async () => {
    const chain = await drive(genesis);
    const to = addressOf('carol');
    const messages = [{ transfer: { to, amount: 7n } }, { transfer: { to, amount: 2n * BALANCE } }];
    const raw = await transferTx(genesis, { messages });
    const { txResults } = await chain.block([raw]);
    expect(txResults).toMatchObject([{ code: RESULT_CODE.TX_MESSAGE, gasUsed: gasOf(Tx.decode(raw), raw.length) }]);
    expect(chain.account('alice')).toMatchObject({
      balance: BALANCE - 3n * BigInt(gasOf(Tx.decode(raw), raw.length)),
      nonces: [{ lane: 0, next: 1 }],
    });
    expect(chain.account('carol').balance).toBe(0n);
    await chain.machine.close();
  });

  it('of all tokens of 128 bits cannot overflow', async () => {
    const rich = genesisOf({
      accounts: [
        { address: addressOf('alice'), balance: (1n << 128n) - 2n },
        { address: addressOf('bob'), balance: 1n },
      ],
    });
    const chain = await drive(rich);
    const all = { to: addressOf('bob'), amount: (1n << 128n) - 2n };
    expect((await chain.block([await transferTx(rich, { messages: [{ transfer: all }] })])).txResults[0]?.code).toBe(0);
    expect(chain.account('bob').balance).toBe((1n << 128n) - 1n);
    await chain.machine.close();
  });
});

describe('a transaction that cannot be charged does nothing, and is refused with its code', () => {
  const cases: Record<string, { code: number; tx: () => Promise<Uint8Array> }> = {
    'no bytes': { code: RESULT_CODE.TX_SIZE, tx: async () => new Uint8Array(0) },
    'too many bytes': { code: RESULT_CODE.TX_SIZE, tx: async () => new Uint8Array(400_000) },
    'other bytes': { code: RESULT_CODE.PARSE, tx: async () => new TextEncoder().encode('GET / HTTP/1.1') },
    'not canonical': { code: RESULT_CODE.NOT_CANONICAL, tx: async () => Uint8Array.of(0x20, 0, ...(await transferTx(genesis))) },
    version: { code: RESULT_CODE.TX_VERSION, tx: async () => Tx.encode({ ...Tx.decode(await transferTx(genesis)), version: 1 }) },
    'another chain': { code: RESULT_CODE.TX_CHAIN, tx: () => transferTx(genesisOf({ gasPrice: 4n })) },
    'another signer': {
      code: RESULT_CODE.TX_SENDER,
      tx: () => transferTx(genesis, { account: addressOf('bob') }),
    },
    'unknown account': { code: RESULT_CODE.TX_SENDER, tx: () => transferTx(genesis, { from: 'nobody' }) },
    signature: { code: RESULT_CODE.TX_AUTH, tx: async () => Tx.encode({ ...Tx.decode(await transferTx(genesis)), lane: 9 }) },
    'a nonce that is not due': { code: RESULT_CODE.TX_NONCE, tx: () => transferTx(genesis, { nonce: 1 }) },
    expired: { code: RESULT_CODE.TX_EXPIRED, tx: () => transferTx(genesis, { expiryHeight: 0 }) },
    'expiry too far ahead': { code: RESULT_CODE.TX_EXPIRED, tx: () => transferTx(genesis, { expiryHeight: 10_003 }) },
    'too little gas': { code: RESULT_CODE.TX_FEE, tx: () => transferTx(genesis, { gasLimit: 100 }) },
    'too little fee': { code: RESULT_CODE.TX_FEE, tx: () => transferTx(genesis, { maxFee: 100n }) },
    'a tip above the fee': { code: RESULT_CODE.TX_FEE, tx: () => transferTx(genesis, { tip: 1_000_001n }) },
    'a fee above the balance': {
      code: RESULT_CODE.TX_FEE,
      tx: () => transferTx(genesis, { tip: BALANCE, maxFee: 2n * BALANCE }),
    },
    'no message': {
      code: RESULT_CODE.TX_MESSAGE,
      tx: () => transferTx(genesis, { messages: [] }),
    },
  };
  for (const [name, { code, tx }] of Object.entries(cases)) {
    it(name, async () => {
      const chain = await drive(genesis);
      const { appHash } = await chain.block();
      const raw = await tx();
      expect(await chain.machine.checkTx({ tx: raw, type: 'new' })).toMatchObject({ code, gasUsed: 0 });
      expect(
        (await chain.machine.prepareProposal({ txs: [raw], maxTxBytes: 1e6, height: 2, time: genesis.initChain.time })).txs,
      ).toEqual([]);
      expect(await chain.machine.processProposal({ txs: [raw], height: 2, time: genesis.initChain.time })).toEqual({
        accept: false,
      });
      const response = await chain.block([raw]);
      expect(response.txResults).toMatchObject([{ code, gasUsed: 0 }]);
      expect(response.appHash).toEqual(appHash);
      await chain.machine.close();
    });
  }
});

describe('nonces', () => {
  it('count up in each lane for itself, and no transaction runs twice', async () => {
    const chain = await drive();
    const of = (lane: number, nonce: number) => transferTx(chain.genesis, { lane, nonce });
    const first = await of(0, 0);
    const { txResults } = await chain.block([first, await of(7, 0), await of(0, 1), first, await of(0, 3), await of(7, 1)]);
    expect(txResults.map(({ code }) => code)).toEqual([0, 0, 0, RESULT_CODE.TX_NONCE, RESULT_CODE.TX_NONCE, 0]);
    expect(chain.account('alice').nonces).toEqual([
      { lane: 0, next: 2 },
      { lane: 7, next: 2 },
    ]);
    expect((await chain.block([first])).txResults[0]?.code).toBe(RESULT_CODE.TX_NONCE);
    await chain.machine.close();
  });

  it('have 64 lanes an account', async () => {
    const chain = await drive();
    const txs = await Promise.all(Array.from({ length: 65 }, (_, lane) => transferTx(chain.genesis, { lane: 100 - lane })));
    const codes = (await chain.block(txs)).txResults.map(({ code }) => code);
    expect(codes).toEqual([...Array.from({ length: 64 }, () => 0), RESULT_CODE.TX_NONCE]);
    expect(chain.account('alice').nonces.map(({ lane }) => lane)).toEqual(Array.from({ length: 64 }, (_, i) => 37 + i));
    await chain.machine.close();
  });
});

describe('the last height of a transaction', () => {
  it('is the last at which it runs', async () => {
    const chain = await drive();
    await chain.skipTo(4);
    const txs = await Promise.all([4, 5].map((expiryHeight, nonce) => transferTx(chain.genesis, { lane: nonce, expiryHeight })));
    expect((await chain.block(txs)).txResults.map(({ code }) => code)).toEqual([RESULT_CODE.TX_EXPIRED, 0]);
    await chain.machine.close();
  });
});
