/** Each field of a valid light block changed in turn, at random, from seeds that are printed: every one is refused. */
import type { HeaderAnswer } from '@perigee/wire';
import { expect, test } from 'vitest';
import { createRandom, type Random } from '../../../../tests/kit/random.ts';
import { bestEd25519 } from '../../src/signature/index.ts';
import { codeOf, trust, verifyNext } from './asserts.ts';
import { makeChain, testValidators } from './chain.ts';

const SEEDS = Array.from({ length: 20 }, (_, i) => 0x5eed_0001 + i);
/** Of equal power, all needed: a set of three in which every signature counts. */
const three = testValidators('seeds', [10, 10, 10]);
const newcomers = testValidators('seeds, later', [10, 10, 10]);
const chain = makeChain(4, (height) => (height < 4 ? three : newcomers));
const [first, , third] = chain as [HeaderAnswer, HeaderAnswer, HeaderAnswer];

/** No hash and no signature covers them, and nothing reads them. */
const UNCOVERED = /proposerPriority|totalVotingPower/;

test.each(SEEDS)('seed %i', async (seed) => {
  const random = createRandom(seed);
  const trusted = await trust(first);
  const fast = { verifyEd25519: bestEd25519(crypto.subtle) };
  const taken: string[] = [];
  let fields = 0;
  for (const path of leaves(third)) {
    if (UNCOVERED.test(path.join('.'))) continue;
    fields++;
    const changed = changeAt(third, path, random);
    if ((await codeOf(() => verifyNext(trusted, changed, fast))) === 'none') taken.push(path.join('.'));
  }
  console.log(`seed ${seed}: ${fields} fields changed, all refused but ${taken.length}`);
  expect(taken).toEqual([]);
  expect(fields).toBe(56); // of header, commit with three signatures and two sets
});

/** Ways to all values that hold no others. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [path];
  return Object.entries(value).flatMap(([name, held]) => leaves(held, [...path, name]));
}

function changeAt<T>(value: T, [name, ...rest]: readonly string[], random: Random): T {
  if (name === undefined) return changed(value, random) as T;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const fields = copy as Record<string, unknown>;
  fields[name] = changeAt(fields[name], rest, random);
  return copy as T;
}

function changed(value: unknown, random: Random): unknown {
  if (typeof value === 'number') return value + random.pick([1, 1, 2, 7, 1_000]) * (value > 10 && random.chance(0.5) ? -1 : 1);
  if (typeof value === 'bigint') return value + BigInt(random.between(1, 1_000));
  if (typeof value === 'string') return random.chance(0.5) ? `${value}x` : value.slice(0, -1);
  if (!(value instanceof Uint8Array)) throw new Error('the light block holds a value of an unknown kind');
  if (value.length === 0 || random.chance(0.2)) return Uint8Array.from([...value, random.below(256)]);
  const flipped = value.slice();
  const at = random.below(flipped.length);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
  return flipped;
}
