/** What a wallet's order becomes, on a chain: prepared from proved state, sent, and proved. */
import { ChainView } from '@perigee/light-core/da';
import { formatEthereumAddress } from '@perigee/light-core/signature';
import { secp256k1Signer, signTypedTx, type TxDraft } from '@perigee/light-core/tx';
import { createLightNode, type LightNode } from '@perigee/sampler';
import { PerigeeError } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import type { WalletOrder } from '../src/model/index.ts';
import { sendTx } from '../src/requests/send-tx.ts';
import { prepareTx } from '../src/requests/wallet/prepare-tx.ts';

const { signal } = new AbortController();
const wallet = secp256k1Signer(new Uint8Array(32).fill(3));
const sessionKey = new Uint8Array(32).fill(4);
const to = new Uint8Array(20).fill(0xbe);

let network: LocalNetwork;
let node: LightNode;
let view: ChainView;

beforeAll(async () => {
  network = await startLocalNetwork({ members: 1, faucet: true, gasPrice: 1_000n });
  node = createLightNode({ trustRoot: network.trustRoot(), follow: false, workers: 1 });
  await node.start();
  view = new ChainView(node.chain);
  await new Promise<void>((resolve) => {
    node.subscribe(({ chain }) => {
      if (chain?.development === true) resolve();
    });
  });
  await node.requestFunds(wallet.address, { signal });
});
afterAll(async () => {
  await node?.stop();
  await network?.stop();
});

const prepared = (order: WalletOrder) => prepareTx(view, order, { address: wallet.address, sessionKey }, signal);
const transfer = (amount: bigint): WalletOrder => ({ kind: 'transfer', to: formatEthereumAddress(to), amount });
async function send({ draft, chain }: Awaited<ReturnType<typeof prepared>>, change: Partial<TxDraft> = {}) {
  let taken = 0;
  const proven = await sendTx(node, await signTypedTx({ ...draft, ...change }, chain, wallet), () => taken++, signal);
  expect(taken).toBe(1);
  return proven;
}
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'done';
  } catch (error) {
    return PerigeeError.from(error).code;
  }
};

it('a transfer is proved with its result, and the next one has the next nonce', async () => {
  const first = await prepared(transfer(10n ** 11n));
  expect(Object.fromEntries(first.review.rows.map(({ name, value }) => [name, value]))).toMatchObject({
    network: network.chain.chainId,
    'fee at most': '0.00000000001 tokens',
    amount: '0.0000001 tokens',
    recipient: `0x${'be'.repeat(20)}`,
  });
  expect(first.review.domain.map(({ name }) => name)).toEqual(['name', 'version', 'salt']);
  const { height, result } = await send(first);
  expect(result.code).toBe(0);
  expect(node.state.head?.height).toBeGreaterThan(height);
  expect((await view.account(to, signal))?.balance).toBe(10n ** 11n);
  expect((await prepared(transfer(1n))).draft.nonce).toBe(first.draft.nonce + 1);
});

it('a grant and its end are in the state once they are proved', async () => {
  await send(await prepared({ kind: 'grant', cap: 5n, blocks: 100 }));
  const [session, ...others] = await view.sessions(wallet.address, signal);
  expect(others).toEqual([]);
  expect(session).toMatchObject({ key: sessionKey, kinds: [1, 7, 8, 12], left: 5n });
  await send(await prepared({ kind: 'revoke', key: '04'.repeat(32) }));
  expect(await view.sessions(wallet.address, signal)).toEqual([]);
});

it('what the chain refuses is told apart by its code', async () => {
  const order = await prepared(transfer(1n));
  expect(await codeOf(send(order, { nonce: order.draft.nonce + 7 }))).toBe('TX_NONCE');
  expect(await codeOf(send(order, { maxFee: 1n }))).toBe('TX_FEE');
  expect(await codeOf(send(order, { expiryHeight: 1 }))).toBe('TX_EXPIRED');
  expect(await codeOf(send(order, { messages: [{ transfer: { to, amount: 10n ** 13n } }] }))).toBe('TX_MESSAGE');
});

it('a peer that names a height which never comes does not keep it waiting for ever', async () => {
  const { draft, chain } = await prepared(transfer(10n ** 10n));
  const raw = await signTypedTx(draft, chain, wallet);
  let head = 50;
  const told: ((head: { height: number }) => void)[] = [];
  const lied: Pick<LightNode, 'transactions' | 'chain' | 'proveTx'> = {
    transactions: { submit: async () => ({ txId: new Uint8Array(32), height: Number.MAX_SAFE_INTEGER, code: 0, log: '' }) },
    chain: {
      get: node.chain.get,
      head: () => ({ height: head }) as ReturnType<LightNode['chain']['head']>,
      onHead: (listener) => {
        told.push(listener as (head: { height: number }) => void);
        return () => told.splice(told.indexOf(listener as (head: { height: number }) => void), 1);
      },
    },
    proveTx: async () => {
      throw new PerigeeError('NOT_FOUND', 'no block is known to hold it');
    },
  };
  const ended = codeOf(sendTx(lied as LightNode, raw, () => {}, signal));
  for (; head < 100; head++) {
    for (const listener of [...told]) listener({ height: head });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.race([ended, 'still waits'])).toBe('TIMEOUT');
});

it('a wallet is not opened for what cannot be', async () => {
  expect(await codeOf(prepared(transfer(10n ** 12n)))).toBe('TX_FEE');
  expect(
    await codeOf(prepared({ kind: 'transfer', to: `${formatEthereumAddress(wallet.address).slice(0, -2)}zz`, amount: 1n })),
  ).toBe('INVALID_ARGUMENT');
  const stranger = { address: new Uint8Array(20).fill(1), sessionKey };
  expect(await codeOf(prepareTx(view, { kind: 'grant', cap: 1n, blocks: 1 }, stranger, signal))).toBe('TX_FEE');
});
