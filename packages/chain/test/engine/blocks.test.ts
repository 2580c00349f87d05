import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { headerHash, lastResultsHash } from '@perigee/light-core/comet';
import { accountKey, STORE } from '@perigee/light-core/state';
import { ethereumTxHash } from '@perigee/light-core/tx';
import { Account, fromHex, txIdOf, utf8 } from '@perigee/wire';
import { Transaction } from 'micro-eth-signer';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { Database } from '../../src/db/index.ts';
import { type ChainNode, RESULT_CODE } from '../../src/index.ts';
import { addressOf, BALANCE, genesisOf, openChain, transferTx } from '../devnet.ts';
import { growTo, headerOf } from '../follow.ts';

const SECRET = `0x${'46'.repeat(32)}`;
const SENDER = fromHex('9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');
const ETHEREUM_CHAIN_ID = 9_527;
const genesis = genesisOf({
  ethereumChainId: ETHEREUM_CHAIN_ID,
  gasPrice: 1n,
  accounts: [...['alice', 'bob'].map(addressOf), SENDER].map((address) => ({ address, balance: BALANCE })),
});

/** A transfer to the address of ones. */
function ethereumTx(nonce: number, value = 1n): Uint8Array {
  const fields = {
    chainId: BigInt(ETHEREUM_CHAIN_ID),
    nonce: BigInt(nonce),
    gasLimit: 100_000n,
    to: `0x${'11'.repeat(20)}`,
    value,
  };
  const prices = { maxFeePerGas: 1n, maxPriorityFeePerGas: 0n };
  const tx = Transaction.prepare({ type: 'eip1559', ...fields, ...prices }, false);
  return fromHex(tx.signBy(SECRET, false).toHex());
}

/** A chain whose second transaction in one block is one of Ethereum. */
async function chainWithBoth(
  dir = temporaryFolder('blocks'),
): Promise<{ chain: ChainNode; native: Uint8Array; raw: Uint8Array }> {
  const chain = await openChain(dir, genesis);
  const [native, raw] = [await transferTx(genesis), ethereumTx(0)];
  await Promise.all([chain.add(native), chain.add(raw)]);
  const [outcome] = await Promise.all([chain.settled(txIdOf(raw)), growTo(chain, 3)]);
  expect(outcome).toMatchObject({ code: 0, height: 3 });
  return { chain, native, raw };
}

describe('blocks of the embedded engine', () => {
  it('are found by their hash and by both hashes of their transactions, with what became of these', async () => {
    const { chain, native, raw } = await chainWithBoth();
    const block = await chain.block(3);
    expect(block.header).toEqual(headerOf(chain, 3));
    expect(block.headerHash).toEqual(headerHash(block.header));
    expect(block.txs.map((tx) => tx.raw)).toEqual([native, raw]);
    expect(block.txs.every(({ code, gasUsed }) => code === 0 && gasUsed > 0)).toBe(true);
    await growTo(chain, 4);
    expect(lastResultsHash([...block.txs])).toEqual(headerOf(chain, 4).lastResultsHash);
    expect(await chain.heightOf(block.headerHash)).toBe(3);
    expect(await chain.heightOf(new Uint8Array(32))).toBeUndefined();
    expect(await chain.placeOf(txIdOf(native))).toEqual({ height: 3, index: 0 });
    expect(await chain.placeOf(txIdOf(raw))).toEqual({ height: 3, index: 1 });
    expect(await chain.placeOf(ethereumTxHash(raw))).toEqual({ height: 3, index: 1 });
    // only an Ethereum transaction has the other one
    expect(await chain.placeOf(ethereumTxHash(native))).toBeUndefined();
    for (const height of [0, chain.latest().height + 1]) {
      await expect(chain.block(height)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    await chain.close();
  });

  it('that an older program stored are found so too, after the database was brought to its new format', async () => {
    const dir = temporaryFolder('older');
    const { chain, raw } = await chainWithBoth(dir);
    const { headerHash: hash } = await chain.block(3);
    await chain.close();
    const blocks = join(dir, 'blocks');
    // format 1: the same without the records by hash
    const db = await Database.open(blocks, { kind: 'blocks', version: 2 });
    await db.clear({ from: utf8('e'), to: utf8('f') });
    await db.clear({ from: utf8('k'), to: utf8('l') });
    await db.close();
    await writeFile(join(blocks, 'FORMAT'), 'perigee blocks 1\n');
    const again = await openChain(dir, genesis);
    expect(await again.heightOf(hash)).toBe(3);
    expect(await again.placeOf(ethereumTxHash(raw))).toEqual({ height: 3, index: 1 });
    await again.close();
    expect(await readFile(join(blocks, 'FORMAT'), 'utf8')).toBe('perigee blocks 2\n');
  });
});

describe('the next nonce', () => {
  it('counts what waits, and the state is that after the last block', async () => {
    const chain = await openChain(temporaryFolder('nonce'), genesis);
    expect(await chain.nextNonce(SENDER)).toBe(0);
    for (const nonce of [0, 1, 2]) expect(await chain.add(ethereumTx(nonce))).toMatchObject({ code: 0 });
    expect(await chain.nextNonce(SENDER)).toBe(3);
    expect(await chain.add(ethereumTx(1, 5n))).toMatchObject({ code: RESULT_CODE.TX_NONCE });
    expect(await chain.nextNonce(addressOf('alice'))).toBe(0);
    const nonceIn = (height?: number) =>
      Account.decode(chain.valueAt(STORE.account, accountKey(SENDER), height) ?? new Uint8Array(0)).nonces[0]?.next;
    expect(nonceIn()).toBeUndefined();
    await growTo(chain, 3);
    expect([nonceIn(), nonceIn(3), nonceIn(2)]).toEqual([3, 3, undefined]);
    expect(await chain.nextNonce(SENDER)).toBe(3);
    expect(() => nonceIn(99)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await chain.close();
  });
});
