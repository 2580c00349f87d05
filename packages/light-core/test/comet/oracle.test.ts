/** `verify` against a slow restatement of the rule, on random sets, powers, votes and forged signatures. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { type ErrorCode, type HeaderAnswer, PerigeeError } from '@perigee/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commitSignBytes, sortValidators } from '../../src/comet/index.ts';
import { codeOf, commitOf, trust, verifyNext } from './asserts.ts';
import { CHAIN_ID, type Flag, makeBlock, type TestValidator, testValidators } from './chain.ts';

const RUNS = process.env.PERIGEE_LONG === '1' ? 2_000 : 60;
const POOL = testValidators('oracle', new Array<number>(9).fill(1));

/** Nothing clever: count those that signed, see whether any counted signature could be wrong. */
function ruling(
  answer: HeaderAnswer,
  trusted: readonly TestValidator[],
  own: readonly TestValidator[],
): ReadonlySet<ErrorCode | 'none'> {
  const commit = commitOf(answer);
  const voted = own.map((_, i) => commit.signatures[i]?.blockIdFlag === 2);
  const right = own.map(
    (v, i) =>
      voted[i] === true &&
      ed25519.verify(commit.signatures[i]?.signature ?? v.address, commitSignBytes(CHAIN_ID, commit, i), v.publicKey),
  );
  const count = (set: readonly TestValidator[], who: readonly boolean[]) =>
    set.reduce((sum, v) => (who[own.findIndex((o) => o.publicKey === v.publicKey)] === true ? sum + v.votingPower : sum), 0n);
  const total = (set: readonly TestValidator[]) => set.reduce((sum, v) => sum + v.votingPower, 0n);
  if (count(trusted, voted) <= total(trusted) / 3n) return new Set(['NOT_ENOUGH_TRUST']);
  const allRight = voted.every((v, i) => v === right[i]);
  const enough = count(own, voted) > (total(own) * 2n) / 3n;
  const enoughRight = count(trusted, right) > total(trusted) / 3n && count(own, right) > (total(own) * 2n) / 3n;
  if (!enough) return new Set(allRight ? ['NOT_ENOUGH_POWER'] : ['NOT_ENOUGH_POWER', 'SIGNATURE']);
  if (allRight) return new Set(['none']);
  // some are wrong: right when those that were needed are right, and never when the right ones do not suffice
  return new Set(enoughRight ? ['none', 'SIGNATURE'] : ['SIGNATURE']);
}

const set = fc
  .array(fc.record({ member: fc.nat(POOL.length - 1), power: fc.integer({ min: 1, max: 12 }) }), { minLength: 1, maxLength: 7 })
  .map((chosen) => {
    const powers = new Map(chosen.map(({ member, power }) => [member, BigInt(power)]));
    return sortValidators([...powers].map(([member, votingPower]) => ({ ...(POOL[member] as TestValidator), votingPower })));
  });
const flags = fc.array(fc.constantFrom<Flag>('commit', 'commit', 'commit', 'commit', 'nil', 'absent'), {
  minLength: 9,
  maxLength: 9,
});

test('agrees with the rule', { timeout: 600_000 }, async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(set, set, flags, fc.option(fc.nat(8), { freq: 2 }), async (trustedSet, own, votes, forged) => {
      const trusted = await trust(makeBlock({ height: 1, validators: trustedSet }));
      const answer = makeBlock({ height: 5, validators: own, flag: (i) => votes[i] ?? 'absent' });
      const signature = forged === null ? undefined : commitOf(answer).signatures[forged]?.signature;
      if (signature !== undefined && signature.length > 0) signature[3] = (signature[3] ?? 0) ^ 4;
      const code = await codeOf(() => verifyNext(trusted, answer));
      seen.set(code, (seen.get(code) ?? 0) + 1);
      if (!ruling(answer, trustedSet, own).has(code)) throw new PerigeeError('INTERNAL', `verify said ${code}`);
    }),
    { numRuns: RUNS },
  );
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['none', 'NOT_ENOUGH_TRUST']));
});
