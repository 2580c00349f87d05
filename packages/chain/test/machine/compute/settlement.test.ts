import { signTypedOrder } from '@perigee/light-core/receipt';
import { checkMeans, computeBalanceKey, settledListsKey, settledOrderKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { secp256k1Signer, signTypedTx } from '@perigee/light-core/tx';
import { type FeeClaim, MAX_CLAIMS_PER_SETTLEMENT, MESSAGE_KIND, toHex } from '@perigee/wire';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRandom, temporaryFolder } from '../../../../../tests/kit/index.ts';
import type { TxResult } from '../../../src/application/index.ts';
import { RECEIPT_RESULT, RESULT_CODE } from '../../../src/machine/result-codes.ts';
import { addressOf, signerOf } from '../../devnet.ts';
import {
  bytesOf,
  checkpointOf,
  feeFor,
  keyOf,
  type OrderOptions,
  Providing,
  providingGenesis,
  RULES,
  settlementOf,
  timeAt,
} from './providing.ts';

const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats these settlements`);

const PREPAID = 10_000n;
const DAY_MS = 86_400_000;
const CAP = 4_000n;

/** Pat is registered, and alice and bob have prepaid. */
async function begin(dir?: string): Promise<Providing> {
  const chain = await Providing.begin(providingGenesis(), dir);
  expect(await chain.register('pat', 'signer 1')).toMatchObject({ code: 0 });
  for (const name of ['alice', 'bob']) {
    const caps = [{ provider: addressOf('pat'), left: CAP }];
    expect(await chain.send(name, [{ computeDeposit: { amount: PREPAID, caps } }])).toMatchObject({ code: 0 });
  }
  return chain;
}

const settleTx = (claims: readonly FeeClaim[], signer = 'signer 1') => [{ computeSettle: { signer: keyOf(signer), claims } }];

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

describe('what was prepaid', { timeout: 60_000 }, () => {
  it('comes back after the unlocking period, less what receipts took meanwhile', async () => {
    const chain = await begin();
    expect(await chain.send('alice', [{ computeWithdraw: { amount: PREPAID + 1n } }])).toMatchObject({
      code: RESULT_CODE.TX_MESSAGE,
    });
    expect(await chain.send('alice', [{ computeWithdraw: { amount: PREPAID } }])).toMatchObject({ code: 0 });
    const releaseHeight = chain.chain.height() + RULES.unlockBlocks;
    const due = await chain.claim({ payer: 'alice', provider: 'pat', signer: 'signer 1', nonce: 1 });
    expect(await chain.send('pat', settleTx([due]))).toMatchObject({ code: 0 });
    const left = PREPAID - feeFor(10);
    expect(chain.prepaid('alice')).toMatchObject({ available: 0n, unlocking: [{ amount: left, height: releaseHeight }] });
    expect(await chain.send('alice', [{ computeWithdraw: { amount: 0n } }])).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    await chain.skipTo(releaseHeight - 1);
    const before = chain.chain.account('alice').balance;
    const result = await chain.send('alice', [{ computeWithdraw: { amount: 0n } }]);
    expect(chain.chain.account('alice').balance).toBe(before + left - BigInt(result.gasUsed));
    // with the cap gone too nothing is left of it
    const none = [{ provider: addressOf('pat'), left: 0n }];
    await chain.send('alice', [{ computeDeposit: { amount: 0n, caps: none } }]);
    await chain.skipTo(chain.chain.height() + RULES.unlockBlocks);
    await chain.send('alice', [{ computeDeposit: { amount: 0n, caps: none } }]);
    expect(chain.chain.value(STORE.compute, computeBalanceKey(addressOf('alice')))).toBeUndefined();
  });

  it("stays a provider's until an order that it accepted cannot be settled any more, though its cap was lowered", async () => {
    const chain = await begin();
    const cap = (left: bigint) =>
      chain.send('alice', [{ computeDeposit: { amount: 0n, caps: [{ provider: addressOf('pat'), left }] } }]);
    const claim = (nonce: number) =>
      chain.claim({
        payer: 'alice',
        provider: 'pat',
        signer: 'signer 1',
        nonce,
        expiryHeight: chain.chain.height() + RULES.unlockBlocks,
      });
    const [before, spare] = [await claim(1), await claim(2)];
    expect(await cap(0n)).toMatchObject({ code: 0 });
    const height = chain.chain.height() + RULES.unlockBlocks;
    expect(chain.prepaid('alice')?.caps).toMatchObject([{ left: CAP, lowered: { left: 0n, height } }]);
    // who looks at the state now accepts no order that could be settled when it has ended
    const { body } = (await claim(3)).order;
    expect(() => checkMeans(chain.prepaid('alice'), { ...body, expiryHeight: height }, undefined)).toThrow(
      expect.objectContaining({ code: 'ORDER', data: { check: 'cap' } }),
    );
    checkMeans(chain.prepaid('alice'), { ...body, maxFee: CAP, expiryHeight: height - 1 }, undefined);
    await chain.skipTo(chain.chain.height() + 5);
    // said again it does not begin anew
    expect(await cap(0n)).toMatchObject({ code: 0 });
    expect(chain.prepaid('alice')?.caps).toMatchObject([{ lowered: { height } }]);
    expect(await chain.send('pat', settleTx([before]))).toMatchObject({ code: 0 });
    expect(chain.prepaid('alice')?.caps).toMatchObject([{ left: CAP - feeFor(10), lowered: { left: 0n, height } }]);
    await chain.skipTo(height - 1);
    const late = await chain.claim({ payer: 'alice', provider: 'pat', signer: 'signer 1', nonce: 4 });
    expect(spare.order.body.expiryHeight).toBeLessThan(height);
    expect(await chain.send('pat', settleTx([late]))).toMatchObject({ code: RECEIPT_RESULT.cap });
    // raised, it counts at once, and what was lowered is forgotten
    expect(await cap(CAP)).toMatchObject({ code: 0 });
    expect(await cap(CAP - 1n)).toMatchObject({ code: 0 });
    expect(await cap(CAP + 1n)).toMatchObject({ code: 0 });
    expect(chain.prepaid('alice')?.caps).toEqual([{ provider: addressOf('pat'), left: CAP + 1n }]);
  });

  it.each(['ended', 'granted less', 'spent'])('pays for orders of a session that was %s since', async (what) => {
    const chain = await begin();
    const name = `session ${what}`;
    const session = signerOf(name);
    const grant = (cap: bigint, kinds: readonly number[]) =>
      chain.send('alice', [{ grantSession: { key: session.publicKey, kinds, cap, expiryHeight: 10_000 } }]);
    const left = 1_000_000n;
    expect(await grant(left, [MESSAGE_KIND.transfer, MESSAGE_KIND.computeDeposit])).toMatchObject({ code: 0 });
    const claim = (nonce: number) => chain.claim({ payer: 'alice', provider: 'pat', signer: 'signer 1', nonce, session });
    const first = await claim(1);
    checkMeans(chain.prepaid('alice'), { ...first.order.body, maxFee: CAP }, session.publicKey);
    if (what === 'spent') {
      const rest = [{ transfer: { to: addressOf('bob'), amount: left - 10_000n } }];
      const [spent] = await chain.block([await chain.sign(name, rest, 'alice')]);
      expect(spent).toMatchObject({ code: 0 });
      expect((spent?.gasUsed ?? 0) + Number(feeFor(10))).toBeLessThanOrEqual(10_000);
    } else {
      const less = { revokeSession: { key: session.publicKey } };
      const done = what === 'ended' ? await chain.send('alice', [less]) : await grant(1n, [MESSAGE_KIND.transfer]);
      expect(done).toMatchObject({ code: 0 });
    }
    const height = chain.chain.height() + RULES.unlockBlocks;
    expect(await chain.send('pat', settleTx([first]))).toMatchObject({ code: 0, log: '' });
    const { body } = (await claim(2)).order;
    if (what === 'spent') {
      expect(chain.prepaid('alice')?.sessions).toMatchObject([{ left: left - feeFor(10) }]);
      return;
    }
    expect(chain.prepaid('alice')?.sessions).toMatchObject([{ left: left - feeFor(10), lowered: { left: 0n, height } }]);
    const accept = () => checkMeans(chain.prepaid('alice'), { ...body, expiryHeight: height }, session.publicKey);
    expect(accept).toThrow(expect.objectContaining({ code: 'ORDER', data: { check: 'session' } }));
    await chain.skipTo(height - 1);
    expect(await chain.send('pat', settleTx([await claim(3)]))).toMatchObject({ code: RECEIPT_RESULT.session });
  });

  it('has caps in order, each once, and not too many', async () => {
    const chain = await begin();
    const caps = [2, 1].map((byte) => ({ provider: new Uint8Array(20).fill(byte), left: 1n }));
    expect(await chain.send('alice', [{ computeDeposit: { amount: 1n, caps } }])).toMatchObject({ code: RESULT_CODE.TX_MESSAGE });
    expect(await chain.send('alice', [{ computeDeposit: { amount: 0n, caps: [] } }])).toMatchObject({
      code: RESULT_CODE.TX_MESSAGE,
    });
  });
});

describe('1,000 receipts', { timeout: 300_000 }, () => {
  it('are settled in batches in random order with false ones among them: no token is made or lost, and two machines agree', async () => {
    const dir = temporaryFolder('settling');
    const chain = await begin(dir);
    const twin = await begin();
    const payers = ['alice', 'bob', 'carol'];
    const caps = [{ provider: addressOf('pat'), left: 1_000_000n }];
    const deposits = await Promise.all(payers.map((name) => chain.sign(name, [{ computeDeposit: { amount: 200_000n, caps } }])));
    for (const one of [chain, twin]) expect((await one.block(deposits)).map(({ code }) => code)).toEqual([0, 0, 0]);
    const expiryHeight = chain.chain.height() + 15;
    const claims: { readonly claim: FeeClaim; readonly fee: bigint; readonly isFalse: boolean }[] = [];
    for (let i = 0; i < 1_000; i++) {
      const answerTokens = random.below(100);
      const isFalse = random.chance(0.05);
      const made = await chain.claim({
        payer: random.pick(payers),
        provider: 'pat',
        signer: isFalse ? 'signer 2' : 'signer 1',
        nonce: i,
        answerTokens,
        expiryHeight,
      });
      claims.push({ claim: made, fee: feeFor(answerTokens), isFalse });
    }
    const pool = chain.pool;
    let paid = 0n;
    const shuffled = random.shuffled(claims);
    for (let from = 0; from < shuffled.length; from += MAX_CLAIMS_PER_SETTLEMENT) {
      const batch = shuffled.slice(from, from + MAX_CLAIMS_PER_SETTLEMENT);
      const raw = await chain.sign('pat', settleTx(batch.map(({ claim }) => claim)));
      const results: TxResult[] = [];
      for (const one of [chain, twin]) results.push(...(await one.block([raw])));
      const outcome = settlementOf(results[0] ?? expect.unreachable());
      expect(results[1]).toEqual(results[0]);
      expect(outcome?.codes).toEqual(batch.map(({ isFalse }) => (isFalse ? RECEIPT_RESULT.signature : 0)));
      expect(outcome?.paid).toBe(batch.reduce((sum, { fee, isFalse }) => (isFalse ? sum : sum + fee), 0n));
      paid += outcome?.paid ?? 0n;
    }
    expect(chain.pool).toBe(pool - paid);
    const held = payers.reduce((sum, name) => sum + (chain.prepaid(name)?.available ?? 0n), 0n);
    expect(chain.pool).toBe(held + RULES.minStake);
    // the second time nothing is paid
    const again = await chain.sign('pat', settleTx(claims.slice(0, 100).map(({ claim }) => claim)));
    for (const one of [chain, twin]) {
      const [result] = await one.block([again]);
      expect([RECEIPT_RESULT.nonce, RECEIPT_RESULT.signature]).toContain(result?.code);
    }
    const key = (claim: FeeClaim) => settledOrderKey(claim.order.body.payer, claim.order.body.provider, claim.order.body.nonce);
    const honest = claims.find(({ isFalse }) => !isFalse)?.claim ?? expect.unreachable();
    expect(chain.chain.value(STORE.compute, key(honest))).toBeDefined();
    await chain.chain.machine.close();
    const restarted = await Providing.begin(providingGenesis(), dir);
    for (const one of [restarted, twin]) await one.skipTo(expiryHeight + 2);
    const hashes = await Promise.all(
      [restarted, twin].map(async (one) => toHex((await one.chain.machine.info()).lastBlockAppHash)),
    );
    expect(hashes[0]).toBe(hashes[1]);
    // when no block may settle an order any more, nothing is kept of it
    for (const { claim } of claims) expect(restarted.chain.value(STORE.compute, key(claim))).toBeUndefined();
    expect(restarted.chain.value(STORE.compute, settledListsKey(expiryHeight))).toBeUndefined();
  });
});
