import { signTypedOrder } from '@perigee/light-core/receipt';
import { secp256k1Signer, signTypedTx } from '@perigee/light-core/tx';
import { type FeeClaim, MESSAGE_KIND } from '@perigee/wire';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RECEIPT_RESULT } from '../../../src/machine/result-codes.ts';
import { addressOf, signerOf } from '../../devnet.ts';
import { bytesOf, checkpointOf, feeFor, type OrderOptions, type Providing, RULES, settlementOf, timeAt } from './providing.ts';
import { begin, CAP, PREPAID, settleTx } from './settling.ts';

const DAY_MS = 86_400_000;

describe('claims', { timeout: 120_000 }, () => {
  let chain: Providing;
  let nonce = 1_000;
  beforeAll(async () => {
    chain = await begin();
  });
  beforeEach(() => {
    nonce += 10;
  });

  let honest = 1_000_000;
  const good = (): Promise<FeeClaim> =>
    chain.claim({ payer: 'bob', provider: 'pat', signer: 'signer 1', nonce: honest++, answerTokens: 0 });
  const claim = (options: Partial<OrderOptions> = {}): Promise<FeeClaim> =>
    chain.claim({ payer: 'alice', provider: 'pat', signer: 'signer 1', nonce, ...options });
  const settle = (claims: readonly FeeClaim[], from = 'pat', signer = 'signer 1') => chain.send(from, settleTx(claims, signer));

  it.each([0, 3, 255, 256, 2 ** 32 - 1])(
    'of a key of scheme %i, which there is not: refused, and the chain goes on',
    async (scheme) => {
      const signer = { scheme, key: Uint8Array.of(1) };
      const messages = [
        { computeSettle: { signer, claims: [] } },
        { computeSettle: { signer, claims: [await good()] } },
        { computeRetire: { signers: [signer], amount: 0n } },
      ];
      for (const message of messages) expect((await chain.send('bob', [message])).code).not.toBe(0);
      expect((await settle([await good()])).code).toBe(0);
    },
  );

  /** Beside a good one, which is paid all the same, and alone, which then fails with its number. */
  async function refused(bad: FeeClaim, code: number): Promise<void> {
    const before = chain.pool;
    const both = await settle([bad, await good()]);
    expect(both.code, both.log).toBe(0);
    expect(settlementOf(both)).toEqual({ message: 0, codes: [code, 0], paid: feeFor(0) });
    expect(chain.pool).toBe(before - feeFor(0));
    const alone = await settle([bad]);
    expect(alone.code, alone.log).toBe(code);
    expect(chain.pool).toBe(before - feeFor(0));
  }

  it('are paid from what was prepaid, off the cap, to the provider', async () => {
    const [pat, alice] = [chain.chain.account('pat').balance, chain.prepaid('alice')];
    const result = await settle([await claim()]);
    expect(result.log).toBe('');
    expect(settlementOf(result)).toEqual({ message: 0, codes: [0], paid: feeFor(10) });
    expect(chain.chain.account('pat').balance).toBe(pat + feeFor(10) - BigInt(result.gasUsed));
    expect(chain.prepaid('alice')).toEqual({
      available: (alice?.available ?? 0n) - feeFor(10),
      unlocking: [],
      sessions: [],
      caps: [{ provider: addressOf('pat'), left: (alice?.caps[0]?.left ?? 0n) - feeFor(10) }],
    });
  });

  it('of an order that nobody signed are refused: invented', async () => {
    const { order, checkpoint } = await claim();
    const other = await claim({ payer: 'carol' });
    await refused({ order: { ...order, auth: other.order.auth }, checkpoint }, RECEIPT_RESULT.payer);
    nonce += 1;
    const { auth: _auth, ...unsigned } = order;
    await refused({ order: unsigned, checkpoint }, RECEIPT_RESULT.payer);
  });

  it('are refused when any word of the order was changed after it was signed', async () => {
    const { order, checkpoint } = await claim();
    await refused({ order: { ...order, body: { ...order.body, maxFee: 1n << 100n } }, checkpoint }, RECEIPT_RESULT.payer);
  });

  it('are refused when the checkpoint is of another order', async () => {
    const [one, two] = [await claim(), await claim({ nonce: nonce + 1 })];
    await refused({ order: one.order, checkpoint: two.checkpoint }, RECEIPT_RESULT.form);
  });

  it('are refused when another key signed the checkpoint', async () => {
    await refused(await claim({ signer: 'signer 2' }), RECEIPT_RESULT.signature);
  });

  it('are refused when they come again: replay', async () => {
    const paid = await claim();
    expect(await settle([paid])).toMatchObject({ code: 0 });
    await refused(paid, RECEIPT_RESULT.nonce);
  });

  it('are refused when another order has the nonce', async () => {
    expect(await settle([await claim()])).toMatchObject({ code: 0 });
    await refused(await claim({ answerTokens: 3, order: { requestHash: bytesOf('another') } }), RECEIPT_RESULT.nonce);
  });

  it('are paid to each provider that was given the same nonce, once to each', async () => {
    expect(await chain.register('quinn', 'signer 3')).toMatchObject({ code: 0 });
    const caps = [{ provider: addressOf('quinn'), left: CAP }];
    expect(await chain.send('alice', [{ computeDeposit: { amount: 0n, caps } }])).toMatchObject({ code: 0 });
    const ofQuinn = await claim({ provider: 'quinn', signer: 'signer 3' });
    expect(await settle([await claim()])).toMatchObject({ code: 0 });
    const second = await settle([ofQuinn], 'quinn', 'signer 3');
    expect(settlementOf(second)).toEqual({ message: 0, codes: [0], paid: feeFor(10) });
    expect(await settle([ofQuinn], 'quinn', 'signer 3')).toMatchObject({ code: RECEIPT_RESULT.nonce });
  });

  it('pay the difference for a higher sequence, and are refused with a lower one, in one batch or two', async () => {
    const [low, middle, high] = await Promise.all([1, 2, 3].map((n) => claim({ sequence: n, answerTokens: 10 * n })));
    if (low === undefined || middle === undefined || high === undefined) return expect.unreachable();
    const first = await settle([middle, low]);
    expect(settlementOf(first)).toEqual({ message: 0, codes: [0, RECEIPT_RESULT.sequence], paid: feeFor(20) });
    const second = await settle([high]);
    expect(settlementOf(second)).toEqual({ message: 0, codes: [0], paid: feeFor(30) - feeFor(20) });
    await refused(low, RECEIPT_RESULT.sequence);
  });

  it('are refused when a later checkpoint costs less', async () => {
    const expiryHeight = chain.chain.height() + 20;
    expect(await settle([await claim({ answerTokens: 20, expiryHeight })])).toMatchObject({ code: 0 });
    await refused(await claim({ sequence: 2, answerTokens: 5, expiryHeight }), RECEIPT_RESULT.fee);
  });

  it('are refused above the fee that the order allows', async () => {
    await refused(await claim({ order: { maxFee: feeFor(10) - 1n } }), RECEIPT_RESULT.fee);
  });

  it('are refused above the cap', async () => {
    await refused(await claim({ fee: CAP + 1n }), RECEIPT_RESULT.cap);
  });

  it('are refused when the balance is spent already: double spend', async () => {
    const caps = [{ provider: addressOf('pat'), left: 10n * PREPAID }];
    await chain.send('carol', [{ computeDeposit: { amount: 100n, caps } }]);
    const twice = await Promise.all([nonce, nonce + 1].map((n) => claim({ payer: 'carol', nonce: n, fee: 60n })));
    const result = await settle(twice);
    expect(settlementOf(result)).toEqual({ message: 0, codes: [0, RECEIPT_RESULT.balance], paid: 60n });
    await refused(twice[1] ?? (await claim()), RECEIPT_RESULT.balance);
  });

  it('are refused for another model', async () => {
    await refused(await claim({ order: { modelRoot: bytesOf('other model') } }), RECEIPT_RESULT.model);
  });

  it('are refused for another chain', async () => {
    await refused(await claim({ order: { genesisHash: bytesOf('other chain') } }), RECEIPT_RESULT.chain);
  });

  it('are refused for another provider', async () => {
    await refused(await claim({ provider: 'quinn' }), RECEIPT_RESULT.provider);
    const result = await settle([await claim()], 'quinn');
    expect(result.code).toBe(RECEIPT_RESULT.provider);
  });

  it('are refused of a key that is not registered', async () => {
    const result = await settle([await claim({ signer: 'signer 9' })], 'pat', 'signer 9');
    expect(result.code).toBe(RECEIPT_RESULT.provider);
  });

  it('are refused after the last block of the order, and when that is too far away', async () => {
    await refused(await claim({ expiryHeight: chain.chain.height() }), RECEIPT_RESULT.expiry);
    await refused(await claim({ expiryHeight: chain.chain.height() + 2 + RULES.unlockBlocks + 1 }), RECEIPT_RESULT.expiry);
  });

  it('are remembered until the last of their batch could be settled: none of them is paid again meanwhile', async () => {
    const own = await begin();
    const from = own.chain.height();
    const [far, near] = await Promise.all(
      [from + RULES.unlockBlocks, from + 4].map((expiryHeight, nonce) =>
        own.claim({ payer: 'alice', provider: 'pat', signer: 'signer 1', nonce, expiryHeight }),
      ),
    );
    if (far === undefined || near === undefined) return expect.unreachable();
    expect(await own.send('pat', settleTx([far, near]))).toMatchObject({ code: 0, log: '' });
    await own.skipTo(near.order.body.expiryHeight + 2);
    expect(await own.send('pat', settleTx([far]))).toMatchObject({ code: RECEIPT_RESULT.nonce });
  });

  it('are paid when a session key signed that may prepay, within its cap, and refused otherwise', async () => {
    const session = signerOf('session of alice');
    await refused(await claim({ session }), RECEIPT_RESULT.session);
    const grant = (kinds: readonly number[], cap: bigint) =>
      chain.send('alice', [{ grantSession: { key: session.publicKey, kinds, cap, expiryHeight: 10_000 } }]);
    await grant([MESSAGE_KIND.transfer], 1_000_000n);
    nonce += 1;
    await refused(await claim({ session }), RECEIPT_RESULT.session);
    await grant([MESSAGE_KIND.computeDeposit], feeFor(10));
    nonce += 1;
    expect(await settle([await claim({ session })])).toMatchObject({ code: 0 });
    nonce += 1;
    await refused(await claim({ session }), RECEIPT_RESULT.session);
  });

  it('are paid when a wallet signed the order in words', async () => {
    const wallet = secp256k1Signer(bytesOf('wallet'));
    const { initChain, genesisHash } = chain.chain.genesis;
    const name = { chainId: initChain.chainId, genesisHash };
    await chain.send('alice', [{ transfer: { to: wallet.address, amount: 5_000_000n } }]);
    const caps = [{ provider: addressOf('pat'), left: 1_000n }];
    const draft = { lane: 0, nonce: 0, expiryHeight: 1_000, gasLimit: 100_000, maxFee: 1_000_000n, tip: 0n };
    const messages = [{ computeDeposit: { amount: 1_000n, caps } }];
    const [prepaid] = await chain.block([await signTypedTx({ ...draft, messages }, name, wallet)]);
    expect(prepaid?.log).toBe('');
    const { version: _version, genesisHash: _genesis, payer: _payer, ...order } = (await claim()).order.body;
    const signed = await signTypedOrder(order, name, wallet);
    const checkpoint = await checkpointOf(signed, { signer: 'signer 1', nonce });
    expect(await settle([{ order: signed, checkpoint }])).toMatchObject({ code: 0, log: '' });
    nonce += 1;
    const changed = { ...signed, body: { ...signed.body, nonce: bytesOf('changed', 16) } };
    await refused(
      { order: changed, checkpoint: await checkpointOf(changed, { signer: 'signer 1', nonce }) },
      RECEIPT_RESULT.payer,
    );
  });

  it('are refused when the registration has expired, and paid once it is renewed', async () => {
    const own = await begin();
    const late = timeAt(0) + 30 * DAY_MS;
    const due = await own.claim({ payer: 'alice', provider: 'pat', signer: 'signer 1', nonce: 1 });
    const [result] = await own.block([await own.sign('pat', settleTx([due]))], late);
    expect(result?.code).toBe(RECEIPT_RESULT.expired);
    const renewal = own.registration('pat', 'signer 1', { ageMs: -30 * DAY_MS, message: { stake: 0n } });
    const txs = [await own.sign('pat', [{ computeRegister: renewal }]), await own.sign('pat', settleTx([due]))];
    expect((await own.block(txs, late + 5_000)).map(({ code }) => code)).toEqual([0, 0]);
  });
});
