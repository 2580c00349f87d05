import type { HeaderAnswer } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  afterNotEnoughTrust,
  afterVerified,
  nextHeight,
  planSkipping,
  unverified,
  verifyPrevious,
} from '../../src/comet/index.ts';
import { codeOf, headerOf, trust, verifyNext } from './asserts.ts';
import { blockIdOf, makeChain, makeHeader, testValidators } from './chain.ts';

const MAX_HEIGHT = Number.MAX_SAFE_INTEGER;

describe('skipping', () => {
  test('steps are nine sixteenths of the gap, rounded down', () => {
    expect(afterNotEnoughTrust(planSkipping(100, 116)).pending).toEqual([116, 109]);
    expect(afterNotEnoughTrust(planSkipping(1, 3)).pending).toEqual([3, 2]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_HEIGHT - 2 }), fc.integer({ min: 2, max: MAX_HEIGHT }), (trusted, gap) => {
        fc.pre(trusted + gap <= MAX_HEIGHT);
        const pivot = afterNotEnoughTrust(planSkipping(trusted, trusted + gap)).pending[1];
        expect(pivot).toBe(trusted + Number((BigInt(gap) * 9n) / 16n));
      }),
    );
  });

  test('arrives whatever is answered, through every height at most once', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 300 }), fc.infiniteStream(fc.boolean()), (start, gap, answers) => {
        let plan = planSkipping(start, start + gap);
        const verified: number[] = [];
        for (let height = nextHeight(plan); height !== undefined; height = nextHeight(plan)) {
          expect(height).toBeGreaterThan(plan.trusted);
          const adjacent = height === plan.trusted + 1;
          if (adjacent || answers.next().value === true) {
            verified.push(height);
            plan = afterVerified(plan);
          } else plan = afterNotEnoughTrust(plan);
          expect(plan.pending.length).toBeLessThan(20);
        }
        expect(plan.trusted).toBe(start + gap);
        expect(new Set(verified).size).toBe(verified.length);
        expect(verified).toEqual(verified.toSorted((a, b) => a - b));
      }),
    );
  });

  test('refuses what makes no sense', async () => {
    expect(await codeOf(() => planSkipping(5, 5))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(() => planSkipping(5, 4))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(() => planSkipping(5, 6.5))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(() => afterNotEnoughTrust(planSkipping(5, 6)))).toBe('INVALID_ARGUMENT');
  });

  test('reaches the head of a chain whose set is renewed every few blocks', async () => {
    const pool = testValidators('pool', new Array<number>(12).fill(10));
    // a window of four over the pool that moves by one every third block
    const sets = Array.from({ length: 9 }, (_, i) => pool.slice(i, i + 4));
    const chain = makeChain(24, (height) => sets[Math.floor(height / 3)] ?? pool);
    let trusted = await trust(chain[0] as HeaderAnswer);
    const steps: string[] = [];
    let plan = planSkipping(1, 24);
    for (let height = nextHeight(plan); height !== undefined; height = nextHeight(plan)) {
      const before = trusted;
      const code = await codeOf(async () => {
        trusted = await verifyNext(before, chain[(height ?? 0) - 1] as HeaderAnswer);
      });
      steps.push(`${height} ${code}`);
      expect(['none', 'NOT_ENOUGH_TRUST']).toContain(code);
      plan = code === 'none' ? afterVerified(plan) : afterNotEnoughTrust(plan);
    }
    expect(trusted.header.height).toBe(24);
    expect(steps[0]).toBe('24 NOT_ENOUGH_TRUST');
    expect(steps.filter((step) => step.endsWith('none')).length).toBeLessThan(10);
  });
});

describe('verifyPrevious', () => {
  const three = testValidators('three', [1, 1, 1]);
  const chain = makeChain(4, () => three);

  test('goes back header by header', async () => {
    const head = await trust(chain[3] as HeaderAnswer);
    const third = verifyPrevious(head, unverified(headerOf(chain[2] as HeaderAnswer)));
    const second = verifyPrevious(third, unverified(headerOf(chain[1] as HeaderAnswer)));
    expect(second.header.height).toBe(2);
  });

  test('refuses every other header', async () => {
    const head = await trust(chain[3] as HeaderAnswer);
    const third = headerOf(chain[2] as HeaderAnswer);
    const back = (header: typeof third) => codeOf(() => verifyPrevious(head, unverified(header)));
    expect(await back({ ...third, appHash: new Uint8Array(32) })).toBe('HEADER_HASH');
    expect(await back({ ...third, chainId: 'test-00000000' })).toBe('WRONG_CHAIN');
    expect(await back({ ...third, proposerAddress: new Uint8Array(0) })).toBe('HEADER');
    expect(await back(headerOf(chain[1] as HeaderAnswer))).toBe('HEADER');
    expect(await back(headerOf(chain[3] as HeaderAnswer))).toBe('HEADER');
  });

  test('refuses a header that its successor names and that is not earlier', async () => {
    const late = makeHeader({ height: 3, validators: three, header: { time: { seconds: 1_900_000_000, nanos: 0 } } });
    const [, , , last] = makeChain(4, () => three);
    const head = await trust(last as HeaderAnswer);
    const forged = { ...head, header: { ...head.header, lastBlockId: blockIdOf(late) } };
    expect(await codeOf(() => verifyPrevious(forged, unverified(late)))).toBe('HEADER_TIME');
    const same = makeHeader({ height: 3, validators: three, header: { time: head.header.time } });
    const equal = { ...head, header: { ...head.header, lastBlockId: blockIdOf(same) } };
    expect(await codeOf(() => verifyPrevious(equal, unverified(same)))).toBe('HEADER_TIME');
  });
});
