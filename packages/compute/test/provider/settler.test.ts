import { orderIdOf } from '@perigee/light-core/receipt';
import { settledOrderKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { type ComputeSettle, type InferenceReceipt, PerigeeError, SettledOrder, type SignerKey, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { Admission } from '../../src/provider/chain/admission.ts';
import { Settler } from '../../src/provider/chain/settler.ts';
import { PaidLedger } from '../../src/provider/index.ts';

const zeros = new Uint8Array(32);
const [provider, payer] = [1, 2].map((byte) => new Uint8Array(20).fill(byte)) as [Uint8Array, Uint8Array];
const keyOf = (byte: number): SignerKey => ({ scheme: 2, key: new Uint8Array(20).fill(byte) });
const { signal } = new AbortController();

function receiptOf(nonce: number, signer: SignerKey): InferenceReceipt {
  const hashes = { genesisHash: zeros, modelRoot: zeros, requestHash: zeros };
  const body = { version: 1, ...hashes, provider, payer, maxFee: 9n, nonce: new Uint8Array(16).fill(nonce), expiryHeight: 500 };
  const orderId = orderIdOf(body);
  const parameters = { maxTokens: 9, temperatureMillionths: 0, topPMillionths: 1, seed: 1, stop: [] };
  const price = { perRequest: 0n, perPromptToken: 0n, perAnswerToken: 1n };
  const execution = { version: 1, orderId, modelRoot: zeros, engine: 'test/1', parameters, price };
  const place = { chunks: 1, bytes: 1, runningHash: zeros, usage: { promptTokens: 1, answerTokens: 5 } };
  const signed = { version: 1, orderId, requestHash: zeros, executionHash: zeros, sequence: 1, ...place, fee: 5n, finish: 1 };
  return { version: 1, order: { body }, execution, checkpoint: { body: signed, signature: new Uint8Array(65) }, signer };
}

/** A chain that pays for what is signed with keys that it knows, and refuses a settlement of any other. */
class TestChain implements VerifiedState {
  readonly #values = new Map<string, Uint8Array>();
  readonly #known: readonly SignerKey[];
  readonly settlements: ComputeSettle[] = [];

  constructor(known: readonly SignerKey[]) {
    this.#known = known;
  }

  head() {
    return { height: 100 } as ReturnType<VerifiedState['head']>;
  }

  onHead(): () => void {
    return () => {};
  }

  async get(store: string, key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#values.get(`${store} ${toHex(key)}`);
  }

  settle(message: ComputeSettle): void {
    this.settlements.push(message);
    if (!this.#known.some(({ key }) => toHex(key) === toHex(message.signer.key))) {
      throw new PerigeeError('REFUSED', 'the chain knows no such key');
    }
    for (const { order, checkpoint } of message.claims) {
      const key = settledOrderKey(order.body.payer, order.body.provider, order.body.nonce);
      const { orderId, sequence, fee } = checkpoint.body;
      this.#values.set(`${STORE.compute} ${toHex(key)}`, SettledOrder.encode({ orderId, provider, sequence, fee }));
    }
  }
}

it('settles receipts of each key apart, and those of a key that the chain does not know hold up none', async () => {
  const [gone, first, second] = [keyOf(7), keyOf(8), keyOf(9)];
  const receipts = [receiptOf(1, gone), receiptOf(2, first), receiptOf(3, second), receiptOf(4, first), receiptOf(5, second)];
  const chain = new TestChain([first, second]);
  const ledger = await PaidLedger.open(temporaryFolder('settler'));
  const admission = new Admission({ state: chain });
  try {
    for (const receipt of receipts) {
      await ledger.begin(receipt.order);
      await ledger.keep(receipt);
      admission.note(receipt);
    }
    const send: ConstructorParameters<typeof Settler>[0]['send'] = async ({ computeSettle }) => {
      if (computeSettle !== undefined) chain.settle(computeSettle);
    };
    const settler = new Settler({ state: chain, ledger, admission, everyBlocks: 30, send });
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
