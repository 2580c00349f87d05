/** Many samplings of blobs of which a share is withheld, without a network: what the rules of PROTOCOL §4 come to, by themselves. */
import { drawIndices, roundRows, samplingGoal, samplingOutcome } from '@perigee/light-core/da';
import { LIGHT_SAMPLE_BUDGET_ROWS, SAMPLE_BUDGET_ROWS } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { type Random, randomOf } from '../../../tests/kit/random.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const RUNS = LONG ? 1_000 : 200;

interface Run {
  readonly outcome: string;
  readonly drawn: number;
}

interface Case {
  readonly k: number;
  readonly redundancy: 2 | 4 | 8;
  /** Share of the K+N rows that nobody gives, anywhere. */
  readonly withheld: number;
  readonly budget?: 'full' | 'light';
}

function sampleOnce({ k, redundancy, withheld, budget = 'full' }: Case, random: Random): Run {
  const rows = { k, n: (redundancy - 1) * k };
  const total = k + rows.n;
  // every set of rows is equally likely to be drawn, so it matters only how many are missing; and one long draw is the draws of all rounds
  const missing = Math.round(withheld * total);
  const goal = samplingGoal(rows, budget);
  const order = drawIndices(goal.budget, total, random.bytes);
  let drawn = 0;
  for (let rounds = 1; ; rounds++) {
    drawn += roundRows(rows, drawn, goal);
    const verified = order.slice(0, drawn).filter((index) => index >= missing).length;
    const outcome = samplingOutcome(rows, { drawn, verified }, { rounds, goal, isAllAsked: true });
    if (outcome !== undefined) return { outcome, drawn };
  }
}

function sampleMany(
  given: Case,
  random: Random,
): { outcomes: Record<string, number>; median: number; p95: number; most: number } {
  const runs = Array.from({ length: RUNS }, () => sampleOnce(given, random));
  const sizes = runs.map(({ drawn }) => drawn).sort((a, b) => a - b);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of runs) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const at = (share: number) => sizes[Math.min(RUNS - 1, Math.ceil(share * RUNS) - 1)] ?? 0;
  const result = { outcomes, median: at(0.5), p95: at(0.95), most: at(1) };
  const { k, redundancy, withheld, budget = 'full' } = given;
  if (LONG)
    console.log(`${redundancy}×, K=${k}, ${withheld * 100} % withheld, ${budget}, seed ${random.seed}:`, JSON.stringify(result));
  return result;
}

describe.each([64, 4_096])('at 4×, K = %i', (k) => {
  const many = (withheld: number, budget?: 'light') =>
    sampleMany({ k, redundancy: 4, withheld, ...(budget === undefined ? {} : { budget }) }, randomOf(onTestFailed));

  it('nothing withheld: available after 20 rows', () => {
    expect(many(0)).toMatchObject({ outcomes: { available: RUNS }, median: 20, most: 20 });
  });

  it('a quarter withheld: available, after at most 64 rows in half of all runs, and 112 in 95 %', () => {
    const { outcomes, median, p95 } = many(0.25);
    expect(outcomes).toEqual({ available: RUNS });
    expect(median).toBeLessThanOrEqual(64);
    expect(p95).toBeLessThanOrEqual(112);
  });

  it('76 % withheld: never available', () => {
    expect(many(0.76).outcomes.available).toBeUndefined();
  });

  it('90 % withheld: unavailable, after at most 192 rows in half of all runs, and 320 in 95 %', () => {
    const { outcomes, median, p95 } = many(0.9);
    expect(outcomes).toEqual({ unavailable: RUNS });
    expect(median).toBeLessThanOrEqual(192);
    expect(p95).toBeLessThanOrEqual(320);
  });

  it('all withheld: unavailable within 64 rows', () => {
    const { outcomes, most } = many(1);
    expect(outcomes).toEqual({ unavailable: RUNS });
    expect(most).toBeLessThanOrEqual(64);
  });

  it('a light budget says so with half the bits, and stops at 64 rows', () => {
    expect(many(0, 'light')).toMatchObject({ outcomes: { available: RUNS }, most: 20 });
    expect(many(0.76, 'light').most).toBeLessThanOrEqual(LIGHT_SAMPLE_BUDGET_ROWS);
  });
});

describe.each([2, 8] as const)('at %i×', (redundancy) => {
  const random = () => randomOf(onTestFailed);

  it('a blob that is all there is available in one round, one that is not is unavailable', () => {
    const first = redundancy === 2 ? 40 : 14;
    expect(sampleMany({ k: 256, redundancy, withheld: 0 }, random())).toMatchObject({
      outcomes: { available: RUNS },
      most: first,
    });
    expect(sampleMany({ k: 256, redundancy, withheld: 1 }, random()).outcomes).toEqual({ unavailable: RUNS });
  });

  it('one that can just not be recovered is never available, and none takes more than the budget', () => {
    const { outcomes, most } = sampleMany({ k: 1_024, redundancy, withheld: 1 - 1 / redundancy + 0.01 }, random());
    expect(outcomes.available).toBeUndefined();
    expect(most).toBeLessThanOrEqual(SAMPLE_BUDGET_ROWS);
  });
});

it('who could not be reached makes no blob unavailable', () => {
  const rows = { k: 64, n: 192 };
  const goal = samplingGoal(rows, 'full');
  expect(goal.budget).toBe(256);
  const nothing = { drawn: 256, verified: 0 };
  expect(samplingOutcome(rows, nothing, { rounds: 20, goal, isAllAsked: false })).toBe('inconclusive');
  expect(samplingOutcome(rows, nothing, { rounds: 20, goal, isAllAsked: true })).toBe('unavailable');
});
