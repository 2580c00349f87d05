/** What a provider really answers, keeps and sends to be settled, on the machine, with what it must not be paid for in between. */
import { type InferenceSigner, maxFeeOf, orderIdOf, requestHashOf, signOrder } from '@perigee/light-core/receipt';
import type { VerifiedHead, VerifiedState } from '@perigee/light-core/roles';
import { bestEd25519 } from '@perigee/light-core/signature';
import { cryptoRandomBytes, systemClock } from '@perigee/net';
import {
  type ComputeSettle,
  type FeeClaim,
  type InferenceRequest,
  MODEL_KIND,
  type PaymentOrder,
  PerigeeError,
  type TxMessage,
} from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, temporaryFolder } from '../../../../../tests/kit/index.ts';
import { Admission } from '../../../../compute/src/provider/chain/admission.ts';
import { Settler } from '../../../../compute/src/provider/chain/settler.ts';
import { PaidLedger, Provider } from '../../../../compute/src/provider/index.ts';
import { letterModel } from '../../../../compute/test/provider/small-models.ts';
import type { TxResult } from '../../../src/application/index.ts';
import { readAccount } from '../../../src/machine/accounts.ts';
import { ATTESTATION_RESULT, RECEIPT_RESULT } from '../../../src/machine/result-codes.ts';
import { addressOf, signerOf } from '../../devnet.ts';
import { FUNDS, keyOf, PRICE, Providing, providingGenesis, RULES, settlementOf } from './providing.ts';

const RECEIPTS = process.env.PERIGEE_LONG === undefined ? 150 : 1_000;
/** Answers between two blocks with a settlement, or with an attempt at one. */
const AT_ONCE = 30;
const UNLOCK_BLOCKS = 130;
const CAP = 10_000_000n;
const LOW_CAP = 100n;
const PAYERS = ['alice', 'bob', 'carol'];
const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats these answers`);
const model = letterModel({ concurrency: 4 });
const { modelRoot } = model;
const signal = new AbortController().signal;

let chain: Providing;
let ledger: PaidLedger;
let provider: Provider;
let admission: Admission;
let settler: Settler;
/** Of each settlement that the provider sent, its claims and what became of them. */
const sent: { readonly message: ComputeSettle; readonly result: TxResult }[] = [];
const listeners = new Set<(head: VerifiedHead) => void>();

const state: VerifiedState = {
  head: () => ({ height: chain.chain.height(), chainId: '', headerHash: modelRoot, appHash: modelRoot, timeMs: 0 }),
  get: async (store, key) => chain.chain.value(store, key),
  onHead(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** One block, after which every token is where it was or where a receipt says: the machine itself stops at a block that makes or loses one. */
async function send(from: string, message: TxMessage): Promise<TxResult> {
  const result = await chain.send(from, [message]);
  const held = PAYERS.reduce((sum, name) => {
    const { available = 0n, unlocking = [] } = chain.prepaid(name) ?? {};
    return unlocking.reduce((all, { amount }) => all + amount, sum + available);
  }, 0n);
  const staked = ['pat', 'quinn'].reduce((sum, name) => sum + (chain.provider(name)?.stake ?? 0n), 0n);
  expect(chain.pool).toBe(held + staked);
  return result;
}

function requestOf(maxTokens: number): InferenceRequest {
  return {
    version: 1,
    kind: MODEL_KIND.chat,
    modelRoot,
    salt: cryptoRandomBytes(32),
    messages: [{ role: 'user', content: 'Where is the perigee?' }],
    inputs: [],
    parameters: { maxTokens, temperatureMillionths: 900_000, topPMillionths: 1_000_000, stop: [] },
  };
}

async function orderOf(payer: string, request: InferenceRequest): Promise<PaymentOrder> {
  const draft = {
    provider: addressOf('pat'),
    modelRoot,
    requestHash: requestHashOf(request),
    maxFee: maxFeeOf(PRICE, request),
    nonce: cryptoRandomBytes(16),
    expiryHeight: chain.chain.height() + UNLOCK_BLOCKS / 2,
  };
  return signOrder(draft, chain.chain.genesis.genesisHash, signerOf(payer));
}

/** Every claim that one answer gave its provider: the last is what it is paid by. */
async function answer(payer: string, maxTokens: number): Promise<FeeClaim[]> {
  const request = requestOf(maxTokens);
  const order = await orderOf(payer, request);
  const claims: FeeClaim[] = [];
  for await (const event of provider.answer(request, order, { name: payer, signal })) {
    if ('checkpoint' in event) claims.push({ order, checkpoint: event.checkpoint });
  }
  return claims;
}

beforeAll(async () => {
  chain = await Providing.begin(providingGenesis({ compute: { ...RULES, unlockBlocks: UNLOCK_BLOCKS } }));
  const of = { bound: { modelRoot }, message: { modelRoot } };
  expect(await chain.register('pat', 'signer 1', of)).toMatchObject({ code: 0 });
  expect(await chain.register('quinn', 'signer 2', of)).toMatchObject({ code: 0 });
  for (const payer of PAYERS) {
    const caps = ['pat', 'quinn']
      .map((name) => ({ provider: addressOf(name), left: CAP }))
      .sort((a, b) => Buffer.compare(a.provider, b.provider));
    expect(await send(payer, { computeDeposit: { amount: 5_000_000n, caps } })).toMatchObject({ code: 0 });
  }
  ledger = await PaidLedger.open(temporaryFolder('real-batches'));
  admission = new Admission({ state });
  const signer: InferenceSigner = { key: keyOf('signer 1'), sign: async (bytes) => signerOf('signer 1').sign(bytes) };
  settler = new Settler({
    state,
    ledger,
    admission,
    everyBlocks: 1,
    async send(message) {
      if (message.computeSettle === undefined) throw new Error('a settler only settles');
      const result = await send('pat', message);
      sent.push({ message: message.computeSettle, result });
      if (result.code !== 0) throw new PerigeeError('REFUSED', result.log, { data: { code: result.code } });
    },
  });
  const { genesisHash, initChain } = chain.chain.genesis;
  provider = new Provider({
    chain: { chainId: initChain.chainId, genesisHash, unlockBlocks: UNLOCK_BLOCKS },
    identity: () => ({ account: addressOf('pat'), signer }),
    models: [{ model, price: PRICE }],
    ledger: {
      begin: (order, onFree) => ledger.begin(order, onFree),
      async keep(receipt) {
        await ledger.keep(receipt);
        admission.note(receipt);
      },
    },
    allowUnpaid: false,
    height: () => chain.chain.height(),
    admit: (order, sessionKey) => admission.admit(order, sessionKey),
    clock: systemClock,
    random: cryptoRandomBytes,
    verifyEd25519: bestEd25519(crypto.subtle),
  });
});
afterAll(async () => {
  await ledger?.close();
});

describe(`${RECEIPTS} receipts of a real provider`, { timeout: 600_000 }, () => {
  it('are each paid once, and between them nothing that was not earned', async () => {
    const earned = new Map<string, bigint>();
    const before = chain.chain.account('pat').balance;
    let gas = 0n;
    const attempt = async (claims: readonly FeeClaim[], code: number, from = 'pat', signer = 'signer 1'): Promise<void> => {
      const result = await send(from, { computeSettle: { signer: keyOf(signer), claims } });
      if (from === 'pat') gas += BigInt(result.gasUsed);
      expect(result.code, result.log).toBe(code);
    };
    for (let done = 0; done < RECEIPTS; done += AT_ONCE) {
      const answers = await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, RECEIPTS - done) }, (_, i) =>
          answer(PAYERS[i % PAYERS.length] ?? 'alice', random.between(1, 120)),
        ),
      );
      const last = answers.map((claims) => claims.at(-1) ?? expect.unreachable());
      for (const { order, checkpoint } of last)
        earned.set(Buffer.from(orderIdOf(order.body)).toString('hex'), checkpoint.body.fee);
      await chain.block(); // receipts wait for a block
      for (let more = true; more; ) {
        const settlement = await settler.settle(signal, { now: true });
        more = settlement !== undefined;
        if (settlement !== undefined) expect(settlement.refused).toBe(0);
      }
      expect(admission.owed).toBe(0);

      const paid = random.pick(last);
      // replay: of a claim that was paid
      await attempt([paid], RECEIPT_RESULT.nonce);
      // lower sequence: an earlier checkpoint of an order that was paid
      const early = answers.find((claims) => claims.length > 2)?.[1];
      if (early !== undefined) await attempt([early], RECEIPT_RESULT.sequence);
      // invented: an order that its payer never signed, with a checkpoint which the provider did
      const request = requestOf(3);
      const own = await orderOf('pat', request);
      const invented = { ...own, body: { ...own.body, payer: addressOf('alice') } };
      const { auth } = await orderOf('alice', requestOf(4));
      await attempt([{ order: { ...invented, ...(auth && { auth }) }, checkpoint: paid.checkpoint }], RECEIPT_RESULT.payer);
      // invented: a checkpoint of another order under one that was signed
      await attempt([{ order: await orderOf('bob', request), checkpoint: paid.checkpoint }], RECEIPT_RESULT.form);
      // double spend: another provider takes what it did not earn, with the same receipt
      await attempt([paid], RECEIPT_RESULT.signature, 'quinn', 'signer 2');
    }
    const settled = sent.flatMap(({ message, result }) =>
      message.claims.map((claim, i) => ({ claim, code: settlementOf(result)?.codes[i] })),
    );
    expect(settled).toHaveLength(RECEIPTS);
    expect(settled.every(({ code }) => code === 0)).toBe(true);
    for (const { claim } of settled) {
      const id = Buffer.from(orderIdOf(claim.order.body)).toString('hex');
      expect(earned.get(id)).toBe(claim.checkpoint.body.fee);
      earned.delete(id);
    }
    expect(earned.size).toBe(0);
    const total = settled.reduce((sum, { claim }) => sum + claim.checkpoint.body.fee, 0n);
    gas += sent.reduce((sum, { result }) => sum + BigInt(result.gasUsed), 0n);
    expect(chain.chain.account('pat').balance).toBe(before + total - gas);
    expect(await ledger.receipts()).toEqual([]);
    console.log(`${settled.length} receipts in ${sent.length} settlements paid ${total}`);
  });

  it('are refused over the cap that was left, and beyond the balance', async () => {
    const patCap = (left: bigint) =>
      send('alice', { computeDeposit: { amount: 0n, caps: [{ provider: addressOf('pat'), left }] } });
    const [one] = (await answer('alice', 90)).slice(-1);
    if (one === undefined) return expect.unreachable();
    expect(one.checkpoint.body.fee).toBeGreaterThan(LOW_CAP);
    expect(await patCap(LOW_CAP)).toMatchObject({ code: 0 });
    // a lowered cap takes effect when no order that was accepted under the old one can be settled any more
    await chain.skipTo(chain.chain.height() + 1);
    expect((await settler.settle(signal, { now: true }))?.settled).toBe(1);
    await chain.skipTo(chain.chain.height() + UNLOCK_BLOCKS);
    // the provider itself admits none that the chain would not pay
    await expect(answer('alice', 90)).rejects.toMatchObject({ code: 'ORDER', data: { check: 'cap' } });
    const over = await signedByPat('alice', 90);
    expect((await send('pat', { computeSettle: { signer: keyOf('signer 1'), claims: [over] } })).code).toBe(RECEIPT_RESULT.cap);
    const left = chain.prepaid('bob')?.available ?? 0n;
    const caps = [{ provider: addressOf('pat'), left: CAP }];
    expect(await send('bob', { computeDeposit: { amount: 0n, caps } })).toMatchObject({ code: 0 });
    expect(await send('bob', { computeWithdraw: { amount: left - 50n } })).toMatchObject({ code: 0 });
    await chain.skipTo(chain.chain.height() + UNLOCK_BLOCKS);
    expect(await send('bob', { computeWithdraw: { amount: 0n } })).toMatchObject({ code: 0 });
    await expect(answer('bob', 90)).rejects.toMatchObject({ code: 'ORDER', data: { check: 'balance' } });
    const beyond = await signedByPat('bob', 90);
    expect((await send('pat', { computeSettle: { signer: keyOf('signer 1'), claims: [beyond] } })).code).toBe(
      RECEIPT_RESULT.balance,
    );
  });
});

/** What a provider has that asks nobody whether it will be paid. */
async function signedByPat(payer: string, tokens: number): Promise<FeeClaim> {
  const folder = await PaidLedger.open(temporaryFolder('careless'));
  const signer: InferenceSigner = { key: keyOf('signer 1'), sign: async (bytes) => signerOf('signer 1').sign(bytes) };
  const { genesisHash, initChain } = chain.chain.genesis;
  const careless = new Provider({
    chain: { chainId: initChain.chainId, genesisHash, unlockBlocks: UNLOCK_BLOCKS },
    identity: () => ({ account: addressOf('pat'), signer }),
    models: [{ model, price: PRICE }],
    ledger: folder,
    allowUnpaid: false,
    height: () => chain.chain.height(),
    admit: async () => ({ stakeClass: 0 }),
    clock: systemClock,
    random: cryptoRandomBytes,
    verifyEd25519: bestEd25519(crypto.subtle),
  });
  const request = requestOf(tokens);
  const order = await orderOf(payer, request);
  let claim: FeeClaim | undefined;
  for await (const event of careless.answer(request, order, { name: payer, signal })) {
    if ('checkpoint' in event) claim = { order, checkpoint: event.checkpoint };
  }
  await folder.close();
  return claim ?? expect.unreachable();
}

describe('simulated evidence', () => {
  it('registers no provider on a chain that is not for development, where nothing can be settled then', async () => {
    const real = await Providing.begin(providingGenesis({ development: false }));
    const result = await real.register('pat', 'signer 1');
    expect(result.code, result.log).toBe(ATTESTATION_RESULT.SIMULATED);
    expect(real.registered(keyOf('signer 1'))).toBeUndefined();
    const claim = await real.claim({ payer: 'alice', provider: 'pat', signer: 'signer 1', nonce: 1 });
    const settled = await real.send('pat', [{ computeSettle: { signer: keyOf('signer 1'), claims: [claim] } }]);
    expect(settled.code).toBe(RECEIPT_RESULT.provider);
    expect(readAccount({ get: real.chain.value }, addressOf('alice'))?.balance).toBe(FUNDS);
  });
});
