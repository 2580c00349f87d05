import { blobFee, blobGeometry } from '@perigee/light-core/da';
import { FEE_POOL, STORE } from '@perigee/light-core/state';
import { gasOf } from '@perigee/light-core/tx';
import { type Certificate, Tx, type TxBody } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { RESULT_CODE } from '../../src/index.ts';
import { readAccount } from '../../src/machine/accounts.ts';
import { certificateOf } from '../certificates.ts';
import { addressOf, BALANCE, genesisOf, openChain, transferTx } from '../devnet.ts';
import { type Driven, drive } from './drive.ts';

const PRICES = { epochBlocks: 10, maxRetentionBlocks: 200, gasPrice: 3n, daPrice: 2n };
const genesis = genesisOf(PRICES);
const shape = blobGeometry(1_000, 4);
const feeBetween = (from: number, to: number) => blobFee(shape, genesis.appState, from, to);

function certifyTx(certificates: readonly Certificate[], change: Partial<TxBody> & { readonly from?: string } = {}) {
  const messages = certificates.map((certificate) => ({ certify: { certificate } }));
  return transferTx(genesis, { gasLimit: 1_000_000, maxFee: BALANCE, messages, ...change });
}

function gasFee(raw: Uint8Array): bigint {
  return 3n * BigInt(gasOf(Tx.decode(raw), raw.length));
}

const poolOf = (chain: Driven) => readAccount({ get: chain.value }, FEE_POOL)?.balance ?? 0n;

describe('the fee for data', () => {
  it('is paid by the sender, besides the gas, from inclusion to expiry', async () => {
    const chain = await drive(genesis);
    await chain.skipTo(4);
    const raw = await certifyTx([await certificateOf(genesis)]);
    const { txResults } = await chain.block([raw]);
    expect(txResults).toMatchObject([{ code: 0, log: '' }]);
    const fee = feeBetween(5, 100);
    expect(fee).toBe(2n * 10n * BigInt((shape.k + shape.n) * shape.rowSize));
    expect(chain.account('alice').balance).toBe(BALANCE - gasFee(raw) - fee);
    expect(poolOf(chain)).toBe(gasFee(raw) + fee);
    await chain.machine.close();
  });

  it('of an extension is counted from the expiry of the record, or from now when that is over', async () => {
    const chain = await drive(genesis);
    const paid: bigint[] = [];
    const extendTo = async (expiryHeight: number) => {
      const before = poolOf(chain);
      const epoch = Math.floor(chain.height() / 10);
      const raw = await certifyTx([await certificateOf(genesis, { expiryHeight, epoch })], { nonce: paid.length });
      expect((await chain.block([raw])).txResults[0]).toMatchObject({ code: 0, log: '' });
      paid.push(poolOf(chain) - before - gasFee(raw));
    };
    await chain.block();
    await extendTo(15);
    await extendTo(16);
    await extendTo(37);
    await chain.skipTo(59);
    await extendTo(61);
    expect(paid).toEqual([feeBetween(2, 15), feeBetween(15, 16), feeBetween(16, 37), feeBetween(60, 61)]);
    await chain.machine.close();
  });

  it('stays with the fee for gas within what the transaction allows', async () => {
    const chain = await drive(genesis);
    await chain.block();
    const certificates = await Promise.all([1, 2].map((n) => certificateOf(genesis, { blobId: new Uint8Array(33).fill(n, 1) })));
    const fees = 2n * feeBetween(2, 100);
    const allowing = async (extra: bigint) => {
      // the number is signed too, and its length counts: the third guess fits
      let raw = await certifyTx(certificates);
      for (let i = 0; i < 2; i++) raw = await certifyTx(certificates, { maxFee: gasFee(raw) + extra });
      expect(Tx.decode(raw).maxFee).toBe(gasFee(raw) + extra);
      return raw;
    };
    const tooLittle = await allowing(fees - 1n);
    expect(await chain.machine.checkTx({ tx: tooLittle, type: 'new' })).toMatchObject({
      code: RESULT_CODE.TX_MESSAGE,
      log: expect.stringContaining('maxFee'),
    });
    const enough = await allowing(fees);
    expect(await chain.machine.checkTx({ tx: enough, type: 'new' })).toMatchObject({ code: 0 });
    expect((await chain.block([tooLittle])).txResults).toMatchObject([{ code: RESULT_CODE.TX_MESSAGE, events: [] }]);
    // the gas is paid, the data is neither paid nor recorded
    expect(chain.account('alice')).toEqual({ balance: BALANCE - gasFee(tooLittle), nonces: [{ lane: 0, next: 1 }] });
    for (const { blobId } of certificates) expect(chain.blob(blobId)).toBeUndefined();
    await chain.machine.close();
  });

  it('and the fee for gas are within the balance, after what messages before took', async () => {
    const chain = await drive(genesis);
    const certificate = await certificateOf(genesis);
    const away = { transfer: { to: addressOf('carol'), amount: BALANCE - 200_000n } };
    const raw = await transferTx(genesis, { gasLimit: 1e6, maxFee: BALANCE, messages: [away, { certify: { certificate } }] });
    expect(await chain.machine.checkTx({ tx: raw, type: 'new' })).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect((await chain.block([raw])).txResults).toMatchObject([
      { code: RESULT_CODE.TX_MESSAGE, log: expect.stringContaining('pay it first') },
    ]);
    expect(chain.account('alice').balance).toBe(BALANCE - gasFee(raw));
    expect(chain.value(STORE.account, addressOf('carol'))).toBeUndefined();
    await chain.machine.close();
  });

  it('is counted among those that wait: what the first will take, the second has not', async () => {
    const chain = await drive(genesisOf({ ...PRICES, accounts: [{ address: addressOf('alice'), balance: 500_000n }] }));
    const txs = [];
    for (const n of [1, 2]) {
      const certificate = await certificateOf(chain.genesis, { blobId: new Uint8Array(33).fill(n, 1) });
      const messages = [{ certify: { certificate } }];
      txs.push(await transferTx(chain.genesis, { nonce: n - 1, gasLimit: 1e6, maxFee: BALANCE, messages }));
    }
    const codes = [];
    for (const tx of txs) codes.push((await chain.machine.checkTx({ tx, type: 'new' })).code);
    expect(codes).toEqual([0, RESULT_CODE.TX_MESSAGE]);
    await chain.block(txs.slice(0, 1));
    expect(await chain.machine.checkTx({ tx: txs[1] ?? new Uint8Array(0), type: 'recheck' })).toMatchObject({
      code: RESULT_CODE.TX_MESSAGE,
      log: expect.stringContaining('pay it first'),
    });
    await chain.machine.close();
  });

  it('keeps a transaction out of the mempool that could not pay it', async () => {
    const chain = await openChain(temporaryFolder('fee'), genesis);
    const raw = await certifyTx([await certificateOf(genesis)], { maxFee: 100_000n });
    const outcome = await chain.add(raw);
    expect(outcome).toMatchObject({ height: 0, code: RESULT_CODE.TX_MESSAGE });
    expect(outcome.log).toContain('serving the blob costs');
    expect(chain.result(outcome.txId)).toBeUndefined();
    await chain.close();
  });
});
