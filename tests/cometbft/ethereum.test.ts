import { lastResultsHash } from '@perigee/light-core/comet';
import { ethereumTxHash } from '@perigee/light-core/tx';
import { fromHex, txIdOf } from '@perigee/wire';
import { Transaction } from 'micro-eth-signer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cometbftProgram } from '../kit/cometbft.ts';
import { temporaryFolder } from '../kit/folder.ts';
import { genesisOf, type LocalChain, openChain } from './local-chain.ts';

const SENDER = fromHex('9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');

/** A transfer of one unit. */
function ethereumTx(nonce: number): Uint8Array {
  const fields = { chainId: 9_527n, nonce: BigInt(nonce), gasLimit: 100_000n, to: `0x${'11'.repeat(20)}`, value: 1n };
  const prices = { maxFeePerGas: 1n, maxPriorityFeePerGas: 0n };
  const tx = Transaction.prepare({ type: 'eip1559', ...fields, ...prices }, false).signBy(`0x${'46'.repeat(32)}`, false);
  return fromHex(tx.toHex());
}

describe.skipIf(cometbftProgram() === undefined)('Ethereum transactions on CometBFT', () => {
  const genesis = genesisOf({ ethereumChainId: 9_527, accounts: [{ address: SENDER, balance: 10n ** 18n }] });
  let local: LocalChain;
  beforeAll(async () => {
    local = await openChain(temporaryFolder('comet-ethereum'), genesis);
  });
  afterAll(() => local.chain.close());

  it('wait with their nonces counted, and are found by both hashes in a block that is found by its own', async () => {
    const { chain } = local;
    const raws = [0, 1, 2].map(ethereumTx);
    for (const raw of raws) expect(await chain.add(raw)).toMatchObject({ code: 0 });
    expect(await chain.nextNonce(SENDER)).toBe(3);
    const outcomes = await Promise.all(raws.map((raw) => chain.settled(txIdOf(raw))));
    const last = raws[2] ?? new Uint8Array(0);
    const height = outcomes[2]?.height ?? 0;
    // CometBFT tells of a block, and indexes it, a little after the application has it
    await expect.poll(() => chain.latest().height).toBeGreaterThan(height);
    await expect.poll(() => chain.placeOf(ethereumTxHash(last))).toBeDefined();
    const block = await chain.block(height);
    const index = block.txs.findIndex(({ raw }) => raw.length === last.length && Buffer.compare(raw, last) === 0);
    expect(await chain.placeOf(ethereumTxHash(last))).toEqual({ height, index });
    expect(await chain.placeOf(txIdOf(last))).toEqual({ height, index });
    expect(await chain.placeOf(new Uint8Array(32))).toBeUndefined();
    expect(await chain.heightOf(block.headerHash)).toBe(height);
    expect(await chain.heightOf(new Uint8Array(32))).toBeUndefined();
    const next = await chain.block(height + 1);
    expect(next.header.lastResultsHash).toEqual(lastResultsHash([...block.txs]));
    expect(next.header.lastBlockId.hash).toEqual(block.headerHash);
    expect(await chain.nextNonce(SENDER)).toBe(3);
  });
});
