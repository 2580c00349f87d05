import { createHash } from 'node:crypto';
import { type CanonicalCommittee, makeCommittee } from '@perigee/light-core/da';
import type { Random } from '../../../../tests/kit/index.ts';

/** The sum of 128 stakes stays below 2^64. */
const MOST = 1n << 57n;

function below(random: Random, bound: bigint): bigint {
  return random.bytes(9).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % bound;
}

/** Ways in which stake is spread over members: alike, a little uneven, and so skewed that one holds nearly all. */
const SPREADS: Record<string, (random: Random, i: number, members: number) => bigint> = {
  alike: () => 1_000n,
  ones: () => 1n,
  'a little uneven': (random) => BigInt(random.between(90, 110)),
  small: (random) => BigInt(random.between(1, 20)),
  'any number': (random) => 1n + below(random, MOST - 1n),
  'any size': (random) => 1n + below(random, 1n << BigInt(random.between(1, 57))),
  doubling: (_, i) => 1n << BigInt(i % 57),
  'one over rank': (_, i) => 1_000_000n / BigInt(i + 1) + 1n,
  'a whale': (random, i) => (i === 0 ? MOST : BigInt(random.between(1, 1_000))),
  'a third less one': (random, i, members) => (i === 0 ? BigInt(members) * 500n - 1n : BigInt(random.between(990, 1_010))),
  'two camps': (random, i, members) => (i < members / 2 ? BigInt(random.between(1, 9)) : MOST / 1_000n),
};
export const SPREAD_NAMES = Object.keys(SPREADS);

export function committeeOf(random: Random, spread: string, members: number): CanonicalCommittee {
  const stakeOf = SPREADS[spread];
  if (stakeOf === undefined) throw new Error(`no spread "${spread}"`);
  return makeCommittee(
    Array.from({ length: members }, (_, i) => ({
      // addresses, and with them the order, are as random as hashes
      address: Uint8Array.from(createHash('sha256').update(random.bytes(32)).digest().subarray(0, 20)),
      publicKey: random.bytes(32),
      stake: stakeOf(random, i, members),
    })),
  );
}
