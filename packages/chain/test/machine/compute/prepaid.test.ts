import { checkMeans, computeBalanceKey, settledListsKey, settledOrderKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { type FeeClaim, MAX_CLAIMS_PER_SETTLEMENT, MESSAGE_KIND, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { createRandom, temporaryFolder } from '../../../../../tests/kit/index.ts';
import type { TxResult } from '../../../src/application/index.ts';
import { RECEIPT_RESULT, RESULT_CODE } from '../../../src/machine/result-codes.ts';
import { addressOf, signerOf } from '../../devnet.ts';
import { feeFor, Providing, providingGenesis, RULES, settlementOf } from './providing.ts';
import { begin, CAP, PREPAID, settleTx } from './settling.ts';

const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats these settlements`);

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
