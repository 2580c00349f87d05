import { HeaderAnswer, MAX_CLOCK_DRIFT_MS, TRUSTING_PERIOD_MS, toHex } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { headerAnswerOf, restoreVerified, unverified, type VerifiedLightBlock, verify } from '../../src/comet/index.ts';
import { nobleEd25519, type VerifyEd25519 } from '../../src/signature/index.ts';
import { after, at, codeOf, headerOf, trust, verifyNext } from './asserts.ts';
import { CHAIN_ID, makeBlock, makeChain, START, testValidators } from './chain.ts';
import { hundredValidators } from './hundred.ts';

/** A verifier that counts. */
function counting(): { verifyEd25519: VerifyEd25519; calls: () => number } {
  let calls = 0;
  return {
    verifyEd25519: (...args) => {
      calls++;
      return nobleEd25519(...args);
    },
    calls: () => calls,
  };
}

const four = testValidators('four', [10, 10, 10, 10]);

describe('a chain with an unchanging set', () => {
  const chain = makeChain(6, () => four);

  test('verifies block by block, and by one step over the rest', async () => {
    let trusted = await trust(chain[0] as HeaderAnswer);
    for (const answer of chain.slice(1)) trusted = await verifyNext(trusted, answer);
    expect(trusted.header.height).toBe(6);
    const skipped = await verifyNext(await trust(chain[0] as HeaderAnswer), chain[5] as HeaderAnswer);
    expect(skipped).toEqual(trusted);
  });

  test('verifies what crossed a thread and a wire', async () => {
    const trusted = structuredClone(await trust(chain[0] as HeaderAnswer)) as VerifiedLightBlock;
    const received = HeaderAnswer.decode(HeaderAnswer.encode(chain[3] as HeaderAnswer));
    const block = await verifyNext(trusted, structuredClone(received));
    expect(structuredClone(block)).toEqual(block);
  });

  test('is restored from a store without a signature, and a damaged store is noticed', async () => {
    const block = await trust(chain[2] as HeaderAnswer);
    const stored = HeaderAnswer.encode(headerAnswerOf(block));
    expect(restoreVerified(HeaderAnswer.decode(stored), CHAIN_ID)).toEqual(block);
    const damaged = HeaderAnswer.decode(stored);
    headerOf(damaged).appHash.fill(1);
    expect(await codeOf(() => restoreVerified(damaged, CHAIN_ID))).toBe('HEADER_HASH');
    expect(await codeOf(() => restoreVerified(HeaderAnswer.decode(stored), 'other-00000000'))).toBe('WRONG_CHAIN');
  });
});

describe('changing sets', () => {
  const others = testValidators('others', [10, 10, 10, 10]);
  // heights 1 to 4 have `four`, from 5 on nobody of them is left
  const chain = makeChain(8, (height) => (height < 5 ? four : others));

  test('the next set is announced and then taken', async () => {
    let trusted = await trust(chain[0] as HeaderAnswer);
    for (const answer of chain.slice(1)) trusted = await verifyNext(trusted, answer);
    expect(trusted.validators.map(({ address }) => toHex(address))).toEqual(others.map(({ address }) => toHex(address)));
  });

  test('a step over a complete change lacks trust; the announced set is the one that counts', async () => {
    const first = await trust(chain[0] as HeaderAnswer);
    expect(await codeOf(() => verifyNext(first, chain[7] as HeaderAnswer))).toBe('NOT_ENOUGH_TRUST');
    const fourth = await verifyNext(first, chain[3] as HeaderAnswer);
    expect((await verifyNext(fourth, chain[7] as HeaderAnswer)).header.height).toBe(8);
    const restored = restoreVerified(headerAnswerOf(fourth), CHAIN_ID);
    expect((await verifyNext(restored, chain[7] as HeaderAnswer)).header.height).toBe(8);
  });

  test('a new set that was not announced is refused, however well it signed', async () => {
    const trusted = await trust(chain[0] as HeaderAnswer);
    const usurped = makeBlock({ height: 2, validators: others, previous: chain[0] });
    expect(await codeOf(() => verifyNext(trusted, usurped))).toBe('VALIDATOR_SET');
  });

  test('announced validators must come along, and be the announced ones', async () => {
    const trusted = await trust(chain[0] as HeaderAnswer);
    const { nextValidators, ...without } = chain[3] as HeaderAnswer;
    expect(nextValidators).toBeDefined();
    expect(await codeOf(() => verifyNext(trusted, without))).toBe('VALIDATOR_SET');
    const wrong = { ...without, nextValidators: without.block.validatorSet };
    expect(await codeOf(() => verifyNext(trusted, wrong))).toBe('VALIDATOR_SET');
  });
});

describe('thresholds', () => {
  const flagged = (powers: number[], signing: boolean[], flag: 'nil' | 'absent' = 'absent') => {
    const validators = testValidators(`thresholds/${powers}`, powers);
    return makeBlock({ height: 2, validators, flag: (i) => (signing[i] === true ? 'commit' : flag) });
  };
  const trustedFor = (powers: number[]) =>
    trust(makeBlock({ height: 1, validators: testValidators(`thresholds/${powers}`, powers) }));

  test.each([
    { powers: [2, 1], signing: [true, false], code: 'NOT_ENOUGH_POWER' }, // exactly 2/3
    { powers: [2, 1], signing: [true, true], code: 'none' },
    { powers: [2, 2, 2], signing: [true, true, false], code: 'NOT_ENOUGH_POWER' }, // exactly 2/3
    { powers: [1, 1, 1, 1], signing: [true, true, false, false], code: 'NOT_ENOUGH_POWER' }, // 2 of 4, 2/3 rounded down is 2
    { powers: [1, 1, 1, 1], signing: [true, true, true, false], code: 'none' },
    { powers: [1, 1, 1, 1, 1], signing: [true, true, true, false, false], code: 'NOT_ENOUGH_POWER' }, // 3 of 5
    { powers: [1, 1, 1, 1, 1], signing: [false, true, true, true, true], code: 'none' },
    { powers: [5], signing: [true], code: 'none' },
    { powers: [5], signing: [false], code: 'NOT_ENOUGH_POWER' },
  ])('power $powers signing $signing: $code', async ({ powers, signing, code }) => {
    const trusted = await trustedFor(powers);
    expect(await codeOf(() => verifyNext(trusted, flagged(powers, signing)))).toBe(code);
    expect(await codeOf(() => verifyNext(trusted, flagged(powers, signing, 'nil')))).toBe(code);
  });

  test.each([
    { shared: [1], total: 3, code: 'NOT_ENOUGH_TRUST' }, // exactly 1/3
    { shared: [1], total: 2, code: 'none' }, // 1/3 of 2 rounded down is 0
    { shared: [2], total: 5, code: 'none' }, // 1 rounded down
    { shared: [2], total: 6, code: 'NOT_ENOUGH_TRUST' }, // exactly 1/3
    { shared: [3], total: 8, code: 'none' },
    { shared: [3], total: 8, level: { numerator: 1n, denominator: 2n }, code: 'NOT_ENOUGH_TRUST' },
    { shared: [3], total: 8, level: { numerator: 1n, denominator: 1n }, code: 'NOT_ENOUGH_TRUST' },
    { shared: [4, 4], total: 8, level: { numerator: 2n, denominator: 3n }, code: 'none' },
  ])('trusted power $shared of $total: $code', async ({ shared, total, level, code }) => {
    const staying = testValidators('staying', shared);
    const rest = total - shared.reduce((sum, power) => sum + power, 0);
    const leaving = rest === 0 ? [] : testValidators('leaving', [rest]);
    const byPower = (a: { votingPower: bigint }, b: { votingPower: bigint }) => Number(b.votingPower - a.votingPower);
    const trusted = await trust(makeBlock({ height: 1, validators: [...staying, ...leaving].sort(byPower) }));
    const block = makeBlock({ height: 9, validators: [...testValidators('joining', [100]), ...staying] });
    expect(await codeOf(() => verifyNext(trusted, block, level && { trustLevel: level }))).toBe(code);
  });

  test.each([
    { numerator: 1n, denominator: 4n },
    { numerator: 3n, denominator: 2n },
    { numerator: 1n, denominator: 0n },
    { numerator: 0n, denominator: 0n },
    { numerator: -1n, denominator: -3n },
  ])('trust level $numerator/$denominator is not a level', async (trustLevel) => {
    const trusted = await trustedFor([1]);
    expect(await codeOf(() => verifyNext(trusted, flagged([1], [true]), { trustLevel }))).toBe('INVALID_ARGUMENT');
  });
});

describe('clocks', () => {
  const chain = makeChain(3, () => four);
  const [first, second] = chain as [HeaderAnswer, HeaderAnswer];
  const end = after(1) - 500 + TRUSTING_PERIOD_MS;

  test('trust ends with the trusting period, to the millisecond', async () => {
    const trusted = await trust(first);
    expect(await codeOf(() => verify(trusted, unverified(second), at(2, { now: end })))).toBe('none');
    expect(await codeOf(() => verify(trusted, unverified(second), at(2, { now: end + 1 })))).toBe('TRUST_EXPIRED');
    const soon = at(2, { trustingPeriodMs: 5_000, now: after(2) });
    expect(await codeOf(() => verify(trusted, unverified(second), soon))).toBe('TRUST_EXPIRED');
  });

  test('a header vouches for less than the whole period', async () => {
    const trusted = await trust(
      makeBlock({ height: 1, validators: four, header: { time: { seconds: START.seconds, nanos: 0 } } }),
    );
    const now = START.seconds * 1000 + 9_000;
    const within = (trustingPeriodMs: number) =>
      codeOf(() => verify(trusted, unverified(second), at(2, { now, trustingPeriodMs })));
    expect(await within(9_000)).toBe('TRUST_EXPIRED');
    expect(await within(9_001)).toBe('none');
  });

  test('a header may be less than the drift ahead, to the nanosecond', async () => {
    const trusted = await trust(first);
    const now = after(2);
    const seconds = Math.floor((now + MAX_CLOCK_DRIFT_MS) / 1000);
    const nanos = ((now + MAX_CLOCK_DRIFT_MS) % 1000) * 1_000_000;
    const ahead = (lessNanos: number) =>
      makeBlock({ height: 2, validators: four, previous: first, header: { time: { seconds, nanos: nanos - lessNanos } } });
    expect(await codeOf(() => verify(trusted, unverified(ahead(0)), at(2, { now })))).toBe('HEADER_FUTURE');
    expect(await codeOf(() => verify(trusted, unverified(ahead(1)), at(2, { now })))).toBe('none');
    const strict = at(2, { now, clockDriftMs: 0 });
    expect(await codeOf(() => verify(trusted, unverified(ahead(1)), strict))).toBe('HEADER_FUTURE');
  });

  test('time must rise, by a nanosecond at least', async () => {
    const trusted = await trust(first);
    const timed = (nanos: number) =>
      makeBlock({ height: 2, validators: four, previous: first, header: { time: { seconds: START.seconds, nanos } } });
    expect(await codeOf(() => verifyNext(trusted, timed(START.nanos - 1)))).toBe('HEADER_TIME');
    expect(await codeOf(() => verifyNext(trusted, timed(START.nanos)))).toBe('HEADER_TIME');
    expect(await codeOf(() => verifyNext(trusted, timed(START.nanos + 1)))).toBe('none');
  });

  test('a clock that is not a number is refused', async () => {
    const trusted = await trust(first);
    expect(await codeOf(() => verify(trusted, unverified(second), at(2, { now: Number.NaN })))).toBe('INVALID_ARGUMENT');
  });
});

describe('how much is done', () => {
  const hundred = testValidators('hundred', new Array<number>(100).fill(7));
  const chain = makeChain(2, () => hundred);

  test('no more signatures than two thirds take, and each once for both counts', async () => {
    const { adjacent, skipping } = await hundredValidators();
    for (const step of [adjacent, skipping]) {
      const { verifyEd25519, calls } = counting();
      await step(verifyEd25519);
      expect(calls()).toBe(67);
    }
  });

  test('no signature is looked at when power is missing', async () => {
    const trusted = await trust(chain[0] as HeaderAnswer);
    const few = makeBlock({ height: 2, validators: hundred, previous: chain[0], flag: (i) => (i < 66 ? 'commit' : 'absent') });
    const { verifyEd25519, calls } = counting();
    expect(await codeOf(() => verifyNext(trusted, few, { verifyEd25519 }))).toBe('NOT_ENOUGH_POWER');
    expect(calls()).toBe(0);
  });

  test('a forged commit costs one group of signatures', async () => {
    const trusted = await trust(chain[0] as HeaderAnswer);
    const forged = structuredClone(chain[1] as HeaderAnswer);
    for (const { signature } of forged.block.signedHeader?.commit?.signatures ?? []) signature[40] = (signature[40] ?? 0) ^ 1;
    const { verifyEd25519, calls } = counting();
    expect(await codeOf(() => verifyNext(trusted, forged, { verifyEd25519 }))).toBe('SIGNATURE');
    expect(calls()).toBe(16);
  });
});
