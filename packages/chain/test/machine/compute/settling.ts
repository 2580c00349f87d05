import type { FeeClaim } from '@perigee/wire';
import { expect } from 'vitest';
import { addressOf } from '../../devnet.ts';
import { keyOf, Providing, providingGenesis } from './providing.ts';

export const PREPAID = 10_000n;
export const CAP = 4_000n;

/** Pat is registered, and alice and bob have prepaid. */
export async function begin(dir?: string): Promise<Providing> {
  const chain = await Providing.begin(providingGenesis(), dir);
  expect(await chain.register('pat', 'signer 1')).toMatchObject({ code: 0 });
  for (const name of ['alice', 'bob']) {
    const caps = [{ provider: addressOf('pat'), left: CAP }];
    expect(await chain.send(name, [{ computeDeposit: { amount: PREPAID, caps } }])).toMatchObject({ code: 0 });
  }
  return chain;
}

export const settleTx = (claims: readonly FeeClaim[], signer = 'signer 1') => [
  { computeSettle: { signer: keyOf(signer), claims } },
];
