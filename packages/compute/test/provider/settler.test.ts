import { orderIdOf } from '@perigee/light-core/receipt';
import { computeBalanceKey, settledOrderKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import {
  ComputeBalance,
  type ComputeSettle,
  type InferenceReceipt,
  MAX_CLAIMS_PER_SETTLEMENT,
  PerigeeError,
  SettledOrder,
  type SignerKey,
  toHex,
} from '@perigee/wire';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { Admission } from '../../src/provider/chain/admission.ts';
import { Settler, type SettlerOptions } from '../../src/provider/chain/settler.ts';
import { PaidLedger } from '../../src/provider/index.ts';

const zeros = new Uint8Array(32);
const [provider, payer] = [1, 2].map((byte) => new Uint8Array(20).fill(byte)) as [Uint8Array, Uint8Array];
const keyOf = (byte: number): SignerKey => ({ scheme: 2, key: new Uint8Array(20).fill(byte) });
const { signal } = new AbortController();

function receiptOf(nonce: number, signer: SignerKey, expiryHeight = 500): InferenceReceipt {
  const hashes = { genesisHash: zeros, modelRoot: zeros, requestHash: zeros };
  const body = { version: 1, ...hashes, provider, payer, maxFee: 9n, nonce: new Uint8Array(16).fill(nonce), expiryHeight };
  const orderId = orderIdOf(body);
  const parameters = { maxTokens: 9, temperatureMillionths: 0, topPMillionths: 1, seed: 1, stop: [] };
  const price = { perRequest: 0n, perPromptToken: 0n, perAnswerToken: 1n };
  const execution = { version: 1, orderId, modelRoot: zeros, engine: 'test/1', parameters, price };
  const place = { chunks: 1, bytes: 1, runningHash: zeros, usage: { promptTokens: 1, answerTokens: 5 } };
  const signed = { version: 1, orderId, requestHash: zeros, executionHash: zeros, sequence: 1, ...place, fee: 5n, finish: 1 };
  return { version: 1, order: { body }, execution, checkpoint: { body: signed, signature: new Uint8Array(65) }, signer };
}

/** A chain that pays for what is signed with keys that it knows, and not for nonces that begin with `unpaid`; it refuses a settlement of which it pays nothing. */
class TestChain implements VerifiedState {
  readonly #values = new Map<string, Uint8Array>();
  readonly #known: readonly SignerKey[];
  readonly #unpaid: readonly number[];
  readonly settlements: ComputeSettle[] = [];
  height = 100;

  constructor(known: readonly SignerKey[], unpaid: readonly number[] = []) {
    this.#known = known;
    this.#unpaid = unpaid;
  }

  head() {
    return { height: this.height } as ReturnType<VerifiedState['head']>;
  }

  onHead(): () => void {
    return () => {};
  }

  async get(store: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#values.get(`${store} ${toHex(key)}`);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#values.set(`${STORE.compute} ${toHex(key)}`, value);
  }

  settle(message: ComputeSettle): void {
    this.settlements.push(message);
    if (!this.#known.some(({ key }) => toHex(key) === toHex(message.signer.key))) {
      throw new PerigeeError('REFUSED', 'the chain knows no such key');
    }
    const good = message.claims.filter(({ order }) => !this.#unpaid.includes(order.body.nonce[0] ?? 0));
    if (good.length === 0) throw new PerigeeError('REFUSED', 'nobody pays for any of these');
    for (const { order, checkpoint } of good) {
      const key = settledOrderKey(order.body.payer, order.body.provider, order.body.nonce);
      const { orderId, sequence, fee } = checkpoint.body;
      this.put(key, SettledOrder.encode({ orderId, provider, sequence, fee }));
    }
  }
}

async function settling(chain: TestChain, receipts: readonly InferenceReceipt[]) {
  const ledger = await PaidLedger.open(temporaryFolder('settler'));
  const admission = new Admission({ state: chain });
  for (const receipt of receipts) {
    await ledger.begin(receipt.order);
    await ledger.keep(receipt);
    admission.note(receipt);
  }
  const send: SettlerOptions['send'] = async ({ computeSettle }) => {
    if (computeSettle !== undefined) chain.settle(computeSettle);
  };
  return { ledger, admission, settler: new Settler({ state: chain, ledger, admission, everyBlocks: 30, send }) };
}

it('settles receipts of each key apart, and those of a key that the chain does not know hold up none', async () => {
  const [gone, first, second] = [keyOf(7), keyOf(8), keyOf(9)];
  const receipts = [receiptOf(1, gone), receiptOf(2, first), receiptOf(3, second), receiptOf(4, first), receiptOf(5, second)];
  const chain = new TestChain([first, second]);
  const { ledger, admission, settler } = await settling(chain, receipts);
  try {
    expect(await settler.settle(signal)).toBeUndefined(); // it is not due yet
    expect(await settler.settle(signal, { now: true })).toEqual({ paid: 20n, settled: 4, refused: 1 });
    const sent = chain.settlements.map(({ signer, claims }) => [signer.key[0], claims.length]);
    expect(sent.sort()).toEqual([
      [7, 1],
      [8, 2],
      [9, 2],
    ]);
    expect((await ledger.receipts()).map(({ signer }) => signer.key[0])).toEqual([7]);
    expect(admission.owed).toBe(1);
    await expect(settler.settle(signal, { now: true })).rejects.toMatchObject({ code: 'REFUSED' });
  } finally {
    await ledger.close();
  }
});

it('lets receipts that the chain refuses hold up none of those that it pays for, and tries them again later', async () => {
  const key = keyOf(8);
  const [bad, good] = [Array.from({ length: MAX_CLAIMS_PER_SETTLEMENT }, (_, i) => i), [200, 201, 202]];
  const chain = new TestChain([key], bad);
  const receipts = [...bad.map((nonce) => receiptOf(nonce, key, 499)), ...good.map((nonce) => receiptOf(nonce, key, 500))];
  const { ledger, admission, settler } = await settling(chain, receipts);
  try {
    await expect(settler.settle(signal)).rejects.toMatchObject({ code: 'REFUSED' });
    chain.height = 131;
    expect(await settler.settle(signal)).toMatchObject({ settled: good.length });
    expect(admission.owed).toBe(bad.length);
    const sent = chain.settlements.length;
    chain.height = 132;
    expect(await settler.settle(signal)).toBeUndefined();
    chain.height = 470; // their last block is near, and nothing that is paid for is
    await settler.settle(signal).catch(() => {});
    chain.height = 471;
    expect(await settler.settle(signal)).toBeUndefined();
    expect(chain.settlements.length).toBe(sent + 1);
  } finally {
    await ledger.close();
  }
});

it('forgets orders that cost nothing when no block can settle them any more', async () => {
  const key = keyOf(8);
  const { checkpoint, ...rest } = receiptOf(1, key, 500);
  const free = { ...rest, checkpoint: { ...checkpoint, body: { ...checkpoint.body, fee: 0n } } };
  const chain = new TestChain([key]);
  const { ledger, settler } = await settling(chain, [free]);
  try {
    await settler.settle(signal);
    expect(await ledger.receipts()).toHaveLength(1);
    chain.height = 501;
    await settler.settle(signal);
    expect(await ledger.receipts()).toEqual([]);
  } finally {
    await ledger.close();
  }
});

it('settles at once when a last block is near, and neither what is still answered nor what no block can settle', async () => {
  const key = keyOf(8);
  const chain = new TestChain([key]);
  const [near, far, open, past] = [130, 500, 500, 100].map((expiryHeight, i) => receiptOf(i, key, expiryHeight)) as [
    InferenceReceipt,
    InferenceReceipt,
    InferenceReceipt,
    InferenceReceipt,
  ];
  const { ledger, admission, settler } = await settling(chain, [near, far, past]);
  try {
    const caps = [{ provider, left: 1_000n }];
    chain.put(computeBalanceKey(payer), ComputeBalance.encode({ available: 1_000n, unlocking: [], caps, sessions: [] }));
    const { release } = await admission.admit(open.order, undefined);
    await expect(admission.admit(open.order, undefined)).rejects.toMatchObject({ code: 'ORDER', data: { check: 'nonce' } });
    await ledger.begin(open.order);
    await ledger.keep(open);
    admission.note(open);
    const settled = async () => {
      await settler.settle(signal);
      return chain.settlements.splice(0).flatMap(({ claims }) => claims.map(({ order }) => order.body.nonce[0]));
    };
    expect(await settled()).toEqual([0, 1]);
    release?.();
    expect(await settled()).toEqual([]); // it is not due yet
    chain.height += 30;
    expect(await settled()).toEqual([2]);
  } finally {
    await ledger.close();
  }
});

it('keeps a receipt of which the chain has paid less, or of whose nonce it has paid another order', async () => {
  const receipt = receiptOf(1, keyOf(8));
  const chain = new TestChain([]);
  const { ledger, admission } = await settling(chain, [receipt]);
  const { body } = receipt.order;
  const paid = { orderId: orderIdOf(body), provider, sequence: 1, fee: 5n };
  const settle = (settled: SettledOrder) => {
    const send = async (): Promise<void> => chain.put(settledOrderKey(payer, provider, body.nonce), SettledOrder.encode(settled));
    return new Settler({ state: chain, ledger, admission, everyBlocks: 30, send }).settle(signal, { now: true });
  };
  try {
    expect(await settle({ ...paid, sequence: 0 })).toMatchObject({ settled: 0, refused: 1 });
    expect(await settle({ ...paid, orderId: zeros })).toMatchObject({ settled: 0, refused: 1 });
    expect(await ledger.receipts()).toHaveLength(1);
    expect(await settle(paid)).toMatchObject({ settled: 1, refused: 0 });
    expect(await ledger.receipts()).toEqual([]);
  } finally {
    await ledger.close();
  }
});
