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
