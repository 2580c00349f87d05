import { accountKey } from '@perigee/light-core/state';
import { createHost, faucetProtocol, open, serve } from '@perigee/net';
import { Account, FAUCET_GIFTS_PER_PEER, FAUCET_WINDOW_MS, MAX_FAUCET_QUEUE, type PerigeeError } from '@perigee/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import type { ChainNode, Genesis } from '../../src/index.ts';
import { type FaucetOptions, serveFaucet } from '../../src/serve/index.ts';
import { addressOf, BALANCE, genesisOf, openChain, signerOf, TestClock, transferTx } from '../devnet.ts';

const AMOUNT = 1_000n;
const faucetGenesis = (balance = BALANCE, gasPrice = 1n) =>
  genesisOf({
    gasPrice,
    faucet: addressOf('faucet'),
    accounts: [
      { address: addressOf('faucet'), balance },
      { address: addressOf('alice'), balance: BALANCE },
    ],
  });

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function running(genesis: Genesis = faucetGenesis(), dir = temporaryFolder('faucet')): Promise<ChainNode> {
  const chain = await openChain(dir, genesis);
  void chain.run();
  closing.push(() => chain.close());
  return chain;
}

function faucetOf(chain: ChainNode, options: Partial<FaucetOptions> = {}) {
  const clock = new TestClock();
  const handler = serveFaucet({ chain, signer: signerOf('faucet'), clock, amount: AMOUNT, ...options });
  const ask = (name: string, peerId = 'peer', signal = new AbortController().signal) =>
    handler({ address: addressOf(name) }, { peerId, signal });
  return { ask, clock };
}

/** What a faucet uses of a chain, each part to be replaced. */
function partsOf(chain: ChainNode): FaucetOptions['chain'] {
  return {
    genesis: chain.genesis,
    latest: () => chain.latest(),
    prove: (...args) => chain.prove(...args),
    submit: (...args) => chain.submit(...args),
    onBlock: (listener) => chain.onBlock(listener),
  };
}

function accountOf(chain: ChainNode, name: string): Account {
  return Account.decode(chain.prove('account', accountKey(addressOf(name))).inner.exist?.value ?? new Uint8Array(0));
}

/** Lets the chain make a block over the last one, so that its state can be proved. */
function nextBlock(chain: ChainNode): Promise<void> {
  return new Promise((resolve) => {
    const stop = chain.onBlock(() => {
      stop();
      resolve();
    });
  });
}

const refusedFor = (seconds: number) => ({ code: 'REFUSED', data: { seconds } });

describe('the faucet', () => {
  it('gives to accounts that have nothing, one after another, and answers when they have it', async () => {
    const chain = await running();
    const { ask } = faucetOf(chain);
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => ask(name)));
    expect(answers.map(({ amount }) => amount)).toEqual(answers.map(() => AMOUNT));
    const heights = answers.map(({ height }) => height);
    expect(heights).toEqual(heights.toSorted((x, y) => x - y));
    expect(new Set(heights).size).toBe(4);
    await nextBlock(chain);
    for (const name of ['a', 'b', 'c', 'd']) expect(accountOf(chain, name).balance).toBe(AMOUNT);
    expect(accountOf(chain, 'faucet').nonces).toEqual([{ lane: 1, next: 4 }]);
  });

  it('gives an account one gift an hour, however often it asks', async () => {
    const chain = await running();
    const { ask, clock } = faucetOf(chain);
    const both = await Promise.allSettled([ask('a'), ask('a', 'another peer')]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await nextBlock(chain);
    // an account that has not spent its gift needs no other, at whatever hour
    clock.advance(2 * FAUCET_WINDOW_MS);
    const message = expect.stringContaining('when it has less than 1000');
    await expect(ask('a')).rejects.toMatchObject({ code: 'REFUSED', message });
  });

  it('gives again after an hour to an account that has spent its gift, and says when', async () => {
    const chain = await running(faucetGenesis(BALANCE, 0n));
    const { ask, clock } = faucetOf(chain);
    await ask('a');
    const spend = await transferTx(chain.genesis, {
      from: 'a',
      messages: [{ transfer: { to: addressOf('bob'), amount: 999n } }],
    });
    expect(await chain.submit(spend)).toMatchObject({ code: 0 });
    await nextBlock(chain);
    clock.advance(600_000);
    await expect(ask('a')).rejects.toMatchObject(refusedFor(3_000));
    clock.advance(3_000_000);
    await ask('a');
    await nextBlock(chain);
    expect(accountOf(chain, 'a').balance).toBe(1_001n);
  });

  it('gives so many an hour to one peer, and so many in all', async () => {
    const chain = await running();
    const { ask, clock } = faucetOf(chain, { giftsPerHour: FAUCET_GIFTS_PER_PEER + 2 });
    for (let i = 0; i < FAUCET_GIFTS_PER_PEER; i++) {
      await ask(`p${i}`);
      clock.advance(1_000);
    }
    await expect(ask('one more')).rejects.toMatchObject(refusedFor(3_600 - FAUCET_GIFTS_PER_PEER));
    await ask('q0', 'q');
    await ask('q1', 'r');
    await expect(ask('q2', 's')).rejects.toMatchObject(refusedFor(3_600 - FAUCET_GIFTS_PER_PEER));
    clock.advance(FAUCET_WINDOW_MS - FAUCET_GIFTS_PER_PEER * 1_000);
    await ask('q2', 's');
    await expect(ask('q3', 's')).rejects.toMatchObject(refusedFor(1));
  });

  it('lets so many wait, and gives nothing to those who went', async () => {
    const chain = await openChain(temporaryFolder('faucet'), faucetGenesis());
    closing.push(() => chain.close());
    const { ask } = faucetOf(chain, { giftsPerHour: 1_000 });
    const gone = new AbortController();
    const asking = Array.from({ length: MAX_FAUCET_QUEUE }, (_, i) =>
      ask(`w${i}`, `peer ${i}`, i === 1 ? gone.signal : undefined),
    );
    gone.abort();
    await expect(ask('w')).rejects.toMatchObject({ code: 'BUSY' });
    void chain.run();
    const outcomes = await Promise.allSettled(asking);
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(asking.map((_, i) => i !== 1));
    expect(outcomes[1]).toMatchObject({ reason: { code: 'ABORTED' } });
    // it got nothing, so it may ask again
    await ask('w1');
  });

  it('counts a gift whose asker went while it was on its way', async () => {
    const chain = await openChain(temporaryFolder('faucet'), faucetGenesis());
    closing.push(() => chain.close());
    const gone = new AbortController();
    const submit: ChainNode['submit'] = (raw, options) => {
      gone.abort();
      return chain.submit(raw, options);
    };
    const parts = { ...partsOf(chain), submit };
    const { ask } = faucetOf(chain, { chain: parts });
    const asking = ask('a', 'peer', gone.signal);
    await expect(asking).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(ask('a')).rejects.toMatchObject({ code: 'REFUSED' });
    void chain.run();
    await ask('b');
    await nextBlock(chain);
    expect([accountOf(chain, 'a').balance, accountOf(chain, 'b').balance]).toEqual([AMOUNT, AMOUNT]);
  });

  it('that has nothing left says so, and may be asked again', async () => {
    // the fee of a transfer is about 4,500
    const chain = await running(faucetGenesis(8_000n));
    const { ask } = faucetOf(chain);
    await ask('a');
    for (let i = 0; i < 2; i++)
      await expect(ask('b')).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('cannot give') });
  });

  it('goes on after a restart, where accounts that have their gift get no second one', async () => {
    const dir = temporaryFolder('faucet');
    const first = await running(undefined, dir);
    const before = faucetOf(first);
    await before.ask('a');
    await before.ask('b');
    await first.close();
    closing.pop();
    const second = await running(undefined, dir);
    const after = faucetOf(second);
    await after.ask('c');
    for (const name of ['a', 'b', 'c']) await expect(after.ask(name)).rejects.toMatchObject({ code: 'REFUSED' });
    await nextBlock(second);
    expect(accountOf(second, 'faucet').nonces).toEqual([{ lane: 1, next: 3 }]);
  });

  it('is not served on other chains, or with another key', async () => {
    const chain = await openChain(temporaryFolder('none'), faucetGenesis());
    closing.push(() => chain.close());
    const start = (options: Partial<FaucetOptions>) => () =>
      serveFaucet({ chain, signer: signerOf('faucet'), clock: new TestClock(), ...options });
    const refusal = (code: string) => expect.objectContaining<Partial<PerigeeError>>({ code: code as PerigeeError['code'] });
    expect(start({ signer: signerOf('alice') })).toThrow(refusal('INVALID_ARGUMENT'));
    const { genesis } = chain;
    for (const appState of [{ ...genesis.appState, development: false }, (({ faucet: _, ...rest }) => rest)(genesis.appState)]) {
      const other = { ...genesis, appState };
      expect(start({ chain: { ...partsOf(chain), genesis: other } })).toThrow(refusal('GENESIS'));
    }
  });

  it('answers over the wire, where a refusal says how long to wait', async () => {
    const chain = await running();
    const server = await createHost({ allowPrivate: true, listen: { host: '127.0.0.1', tcp: 0 } });
    closing.push(() => server.stop());
    await serve(
      server,
      faucetProtocol,
      serveFaucet({ chain, signer: signerOf('faucet'), clock: new TestClock(), amount: AMOUNT }),
    );
    const host = await createHost({ allowPrivate: true });
    closing.push(() => host.stop());
    const client = open(host, { peerId: server.peerId, multiaddrs: server.multiaddrs() }, faucetProtocol);
    expect(await client.callOne({ address: addressOf('a') })).toMatchObject({ amount: AMOUNT });
    await chain.submit(await transferTx(chain.genesis));
    await expect(client.callOne({ address: addressOf('a') })).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('ask again'),
    });
  });
});
