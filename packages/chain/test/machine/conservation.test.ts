import { accountKey, STORE } from '@perigee/light-core/state';
import { Account } from '@perigee/wire';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { checkConservation } from '../../src/machine/conservation.ts';
import { StateView } from '../../src/state/index.ts';
import { addressOf, BALANCE, genesisOf, openChain, transferTx } from '../devnet.ts';
import { drive, finalizeOf } from './drive.ts';

/** What a transfer loses on its way: 0 but in the tests that break it. */
const broken = vi.hoisted(() => {
  vi.resetModules(); // the files before this one have imported the machine as it is
  return { loss: 0n };
});
vi.mock(import('../../src/machine/accounts.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    moveTokens(view, from, to, amount) {
      real.moveTokens(view, from, to, amount);
      const payee = real.readAccount(view, to);
      if (payee !== undefined && amount > 0n) real.writeAccount(view, to, { ...payee, balance: payee.balance - broken.loss });
    },
  };
});
afterEach(() => {
  broken.loss = 0n;
});
afterAll(() => {
  vi.doUnmock('../../src/machine/accounts.ts');
  vi.resetModules(); // and the files after it import it anew
});

const empty = { get: () => undefined };

describe('the sum of all balances', () => {
  const viewOf = (balances: Record<string, bigint>, below: StateView | typeof empty = empty) => {
    const view = new StateView(below);
    for (const [name, balance] of Object.entries(balances))
      view.set(STORE.account, accountKey(addressOf(name)), Account.encode({ balance, nonces: [] }));
    return view;
  };

  it('is what is minted in the first block, and stays', () => {
    const before = viewOf({ a: 5n, b: 7n });
    checkConservation(before, 12n);
    checkConservation(viewOf({ a: 1n, b: 11n }, before), 0n);
    checkConservation(viewOf({ c: 4n, b: 3n }, before), 0n);
    checkConservation(viewOf({}, before), 0n);
  });

  it('is not changed by one unit, nor by a deleted account', () => {
    const before = viewOf({ a: 5n, b: 7n });
    const wrong = (view: StateView, minted: bigint) =>
      expect(() => checkConservation(view, minted)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    for (const minted of [0n, 11n, 13n]) wrong(before, minted);
    wrong(viewOf({ a: 6n }, before), 0n);
    wrong(viewOf({ a: 0n, b: 11n }, before), 0n);
    const deleted = new StateView(before);
    deleted.delete(STORE.account, accountKey(addressOf('a')));
    wrong(deleted, 0n);
  });
});

describe('a state machine whose transfers are broken', () => {
  it.each([1n, -1n])('commits nothing when they lose %s', async (loss) => {
    const chain = await drive();
    const { appHash } = await chain.block();
    const raw = await transferTx(chain.genesis);
    broken.loss = loss;
    await expect(chain.machine.finalizeBlock(finalizeOf([raw], 2))).rejects.toMatchObject({
      code: 'INTERNAL',
      data: { gained: String(-loss), minted: '0' },
    });
    await expect(chain.machine.commit()).rejects.toMatchObject({ code: 'BLOCK' });
    expect(await chain.machine.info()).toMatchObject({ lastBlockHeight: 1, lastBlockAppHash: appHash });
    expect(chain.account('bob').balance).toBe(BALANCE);
    broken.loss = 0n;
    expect((await chain.block([raw])).txResults[0]?.code).toBe(0);
    await chain.machine.close();
  });

  it('stops the chain before the block is stored', async () => {
    const dir = temporaryFolder('broken');
    const chain = await openChain(dir, genesisOf());
    const { height } = chain.latest();
    await chain.add(await transferTx(chain.genesis));
    broken.loss = 1n;
    await expect(chain.run()).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(chain.latest().height).toBe(height);
    await chain.close();
  });
});
