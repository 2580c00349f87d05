import { unixNanos, unverified, verify } from '@perigee/light-core/comet';
import { APP_STATE_KEY, accountKey, GENESIS_HASH_KEY, verifyStateProof } from '@perigee/light-core/state';
import { Account } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { addressOf, BALANCE, genesisOf, openChain, transferTx } from '../devnet.ts';
import { followTo, growTo, optionsAt, trustFirst } from '../follow.ts';

describe('a chain of 30 blocks that the embedded engine made', () => {
  it('is accepted by the light client, one header after the other and skipping, with its state', async () => {
    const genesis = genesisOf();
    const chain = await openChain(temporaryFolder('chain'), genesis);
    for (let nonce = 0; nonce < 3; nonce++) {
      expect(await chain.add(await transferTx(genesis, { nonce }))).toMatchObject({ height: 0, code: 0, log: '' });
    }
    await growTo(chain, 31);
    const { height } = chain.latest();
    const followed = await followTo(chain, height);
    expect(followed[0]?.header.appHash).toEqual(genesis.genesisHash);
    expect(new Set(followed.map(({ header }) => String(header.proposerAddress))).size).toBe(4);
    const times = followed.map(({ header }) => unixNanos(header.time));
    expect(times.every((time, i) => i === 0 || time > (times[i - 1] ?? 0n))).toBe(true);

    const skipped = await verify(await trustFirst(chain), unverified(chain.lightBlock(height)), optionsAt(chain, height));
    expect(skipped.headerHash).toEqual(followed.at(-1)?.headerHash);
    const read = (store: string, key: Uint8Array) =>
      verifyStateProof(chain.prove(store, key, height - 1), { appHash: skipped.header.appHash, store, key });
    expect(read('chain', GENESIS_HASH_KEY)).toEqual(genesis.genesisHash);
    expect(read('chain', APP_STATE_KEY)).toEqual(genesis.initChain.appStateBytes);
    expect(Account.decode(read('account', accountKey(addressOf('bob'))) ?? new Uint8Array(0)).balance).toBe(BALANCE + 3n);
    expect(read('account', accountKey(addressOf('nobody')))).toBeUndefined();
    await chain.close();
  });
});
