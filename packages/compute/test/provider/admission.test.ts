import { orderIdOf } from '@perigee/light-core/receipt';
import { computeBalanceKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { ComputeBalance, equal, type InferenceReceipt, type PaymentOrder } from '@perigee/wire';
import { expect, it } from 'vitest';
import { Admission } from '../../src/provider/chain/admission.ts';

const zeros = new Uint8Array(32);
const [provider, payer] = [1, 2].map((byte) => new Uint8Array(20).fill(byte)) as [Uint8Array, Uint8Array];

function orderOf(nonce: number): PaymentOrder {
  const hashes = { genesisHash: zeros, modelRoot: zeros, requestHash: zeros };
  return {
    body: { version: 1, ...hashes, provider, payer, maxFee: 10n, nonce: new Uint8Array(16).fill(nonce), expiryHeight: 500 },
  };
}

it('admits nobody by a balance of before a settlement and what is owed after it', async () => {
  const [done, next] = [orderOf(1), orderOf(2)];
  const orderId = orderIdOf(done.body);
  let left = 10n;
  let settle = (): void => {};
  const state: VerifiedState = {
    head: () => ({ height: 100 }) as ReturnType<VerifiedState['head']>,
    onHead: () => () => {},
    async get(_store, key) {
      if (!equal(key, computeBalanceKey(payer))) return undefined;
      const caps = left > 0n ? [{ provider, left }] : [];
      const proved = ComputeBalance.encode({ available: left, unlocking: [], caps, sessions: [] });
      settle(); // while the proof is on its way
      return proved;
    },
  };
  const admission = new Admission({ state });
  admission.note({ order: done, checkpoint: { body: { orderId, fee: 10n } } } as InferenceReceipt);
  await expect(admission.admit(next, undefined)).rejects.toMatchObject({ code: 'ORDER', data: { check: 'cap' } });
  settle = () => {
    left = 0n;
    admission.forget([orderId]);
    settle = () => {};
  };
  await expect(admission.admit(next, undefined)).rejects.toMatchObject({ code: 'ORDER', data: { check: 'cap' } });
  left = 10n;
  const { release } = await admission.admit(next, undefined);
  await expect(admission.admit(next, undefined)).rejects.toMatchObject({ data: { check: 'cap' } });
  release?.();
  await admission.admit(next, undefined);
});

it('counts what a session key has ordered against that session, and not what others of the account have', async () => {
  const keys = [3, 4].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
  const sessions = keys.map((key) => ({ key, left: 10n, expiryHeight: 1_000 }));
  const balance = { available: 100n, unlocking: [], caps: [{ provider, left: 100n }], sessions };
  const state: VerifiedState = {
    head: () => ({ height: 100 }) as ReturnType<VerifiedState['head']>,
    onHead: () => () => {},
    get: async (_store, key) => (equal(key, computeBalanceKey(payer)) ? ComputeBalance.encode(balance) : undefined),
  };
  const by = (nonce: number, publicKey: Uint8Array): PaymentOrder => ({
    ...orderOf(nonce),
    auth: { scheme: 1, publicKey, signature: new Uint8Array(64) },
  });
  const admission = new Admission({ state });
  const first = by(1, keys[0]);
  admission.note({ order: first, checkpoint: { body: { orderId: orderIdOf(first.body), fee: 5n } } } as InferenceReceipt);
  await admission.admit(by(2, keys[1]), keys[1]);
  await expect(admission.admit(by(3, keys[1]), keys[1])).rejects.toMatchObject({ data: { check: 'session' } });
  await expect(admission.admit(by(4, keys[0]), keys[0])).rejects.toMatchObject({ data: { check: 'session' } });
});
