import { checkMeans } from '@perigee/light-core/registration';
import { type ComputeBalance, PerigeeError } from '@perigee/wire';
import { expect, it } from 'vitest';

const [provider, payer] = [1, 2].map((byte) => new Uint8Array(20).fill(byte)) as [Uint8Array, Uint8Array];
const key = new Uint8Array(32).fill(3);
const zeros = new Uint8Array(32);
const hashes = { genesisHash: zeros, modelRoot: zeros, requestHash: zeros };
const order = { version: 1, ...hashes, provider, payer, maxFee: 10n, nonce: new Uint8Array(16), expiryHeight: 100 };
const balance: ComputeBalance = {
  available: 10n,
  unlocking: [],
  caps: [{ provider, left: 10n }],
  sessions: [{ key, left: 10n, expiryHeight: 100 }],
};

/** @returns the check that refuses an order of 10 until block 100 */
function refused(change: Partial<ComputeBalance>, sessionKey: Uint8Array | 'none' = key, owed = 0n): unknown {
  try {
    checkMeans({ ...balance, ...change }, order, sessionKey === 'none' ? undefined : sessionKey, owed);
    return 'none';
  } catch (error) {
    return PerigeeError.from(error).data?.check;
  }
}

it('an order is covered until its last block, whatever its payer does meanwhile', () => {
  expect(refused({})).toBe('none');
  expect(refused({}, 'none', 1n)).toBe('cap');
  const cap = (left: bigint, height: number) => ({ caps: [{ provider, left: 10n, lowered: { left, height } }] });
  expect(refused(cap(9n, 101))).toBe('none');
  expect(refused(cap(9n, 100))).toBe('cap');
  const unlocking = (height: number) => ({ available: 0n, unlocking: [{ amount: 10n, height }] });
  expect(refused(unlocking(101))).toBe('none');
  expect(refused(unlocking(100))).toBe('balance');
  const session = (change: object) => ({ sessions: [{ key, left: 10n, expiryHeight: 100, ...change }] });
  expect(refused(session({ left: 9n }))).toBe('session');
  expect(refused(session({ expiryHeight: 99 }))).toBe('session');
  for (const lowered of [
    { left: 9n, expiryHeight: 100 },
    { left: 10n, expiryHeight: 99 },
  ]) {
    expect(refused(session({ lowered: { ...lowered, height: 101 } }))).toBe('none');
    expect(refused(session({ lowered: { ...lowered, height: 100 } }))).toBe('session');
  }
  expect(refused({ sessions: [] })).toBe('session');
  expect(refused({ sessions: [] }, 'none')).toBe('none');
});
