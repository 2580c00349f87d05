import { anchor, unixMs, unverified, type VerifiedLightBlock, verify } from '@perigee/light-core/comet';
import { bestEd25519 } from '@perigee/light-core/signature';
import { APP_STATE_KEY, accountKey, GENESIS_HASH_KEY, verifyStateProof } from '@perigee/light-core/state';
import { Account, equal } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import type { ChainNode } from '../../src/index.ts';
import { addressOf, BALANCE, genesisOf, openChain, TestClock, transferTx } from '../devnet.ts';

const verifyEd25519 = bestEd25519(globalThis.crypto.subtle);

/** Runs the engine until the chain has this height. */
async function growTo(chain: ChainNode, height: number): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    const stop = chain.onBlock((event) => {
      if (event.height < height) return;
      stop();
      resolve();
    });
  });
  await Promise.race([reached, chain.run()]);
}

async function rootOf(chain: ChainNode, now: number): Promise<VerifiedLightBlock> {
  const answer = chain.lightBlock(1);
  const header = answer.block.signedHeader?.header;
  if (header === undefined) throw new Error('no header');
  const lastBlock = chain.lightBlock(2).block.signedHeader?.header;
  const root = {
    chainId: chain.chainId,
    genesisHash: chain.genesis.genesisHash,
    height: 1,
    headerHash: lastBlock?.lastBlockId.hash ?? new Uint8Array(0),
    time: header.time,
    peers: [],
  };
  return anchor(root, unverified(answer), { now, verifyEd25519 });
}

describe('a chain of 30 blocks that the embedded engine made', () => {
  it('is accepted by the light client, one header after the other and skipping, with its state', async () => {
    const genesis = genesisOf();
    const clock = new TestClock();
    const chain = await openChain(temporaryFolder('chain'), genesis, { clock });
    const outcomes = [];
    for (let nonce = 0; nonce < 3; nonce++) outcomes.push(await chain.add(await transferTx(genesis, { nonce })));
    expect(outcomes.map(({ code, log }) => [code, log])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    await growTo(chain, 31);
    const { height } = chain.latest();
    expect(height).toBeGreaterThanOrEqual(31);

    const options = { now: clock.now(), verifyEd25519 };
    const root = await rootOf(chain, clock.now());
    expect(equal(root.header.appHash, genesis.genesisHash)).toBe(true);
    let trusted = root;
    const proposers = new Set<string>();
    for (let next = 2; next <= height; next++) {
      trusted = await verify(trusted, unverified(chain.lightBlock(next)), options);
      proposers.add(String(trusted.header.proposerAddress));
    }
    expect(proposers.size).toBe(4);
    const skipped = await verify(root, unverified(chain.lightBlock(height)), options);
    expect(skipped.headerHash).toEqual(trusted.headerHash);
    expect(unixMs(skipped.header.time)).toBeGreaterThan(unixMs(root.header.time));

    const read = (store: string, key: Uint8Array) =>
      verifyStateProof(chain.prove(store, key, height - 1), { appHash: skipped.header.appHash, store, key });
    expect(read('chain', GENESIS_HASH_KEY)).toEqual(genesis.genesisHash);
    expect(read('chain', APP_STATE_KEY)).toEqual(genesis.initChain.appStateBytes);
    expect(Account.decode(read('account', accountKey(addressOf('bob'))) ?? new Uint8Array(0)).balance).toBe(BALANCE + 3n);
    expect(read('account', accountKey(addressOf('nobody')))).toBeUndefined();
    await chain.close();
  });
});
