/**
 * What sampling comes to, run after run, with real rows, proofs and verdicts, and holders that are objects of this process. K is 64: with
 * fewer rows in all each one tells a little more than at K = 4096, for which `da-sampling.test.ts` shows the same bounds.
 */
import { assignRows } from '@perigee/light-core/da';
import { commitmentOf } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { randomOf } from '../../../tests/kit/random.ts';
import { heldBlob } from './bench-committee.ts';
import { verdicts } from './light.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const RUNS = LONG ? 200 : 12;
const TIMEOUT_MS = 1_200_000;

/** Samples a blob again and again, each time with other rows withheld. */
async function sampleMany(redundancy: 2 | 4 | 8, share: number, budget: 'full' | 'light' = 'full') {
  const random = randomOf(onTestFailed);
  const blob = await heldBlob(random, redundancy);
  const outcomes: Record<string, number> = {};
  const sizes: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const rows = random.shuffled(Array.from({ length: blob.total }, (_, i) => i));
    const withheld = new Set(rows.slice(0, Math.round(share * blob.total)));
    const { sampler, outcome } = await blob.sample({ withheld, random: random.bytes, budget });
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    sizes.push(sampler.confidence.drawn);
    const due = sampler.rows().filter(({ index }) => withheld.has(index)).length;
    expect(verdicts(sampler.rows()).withheld ?? 0).toBe(due);
    expect(sampler.confidence.verified).toBe(sampler.confidence.drawn - due);
  }
  sizes.sort((a, b) => a - b);
  const at = (part: number) => sizes[Math.ceil(part * RUNS) - 1] ?? 0;
  const result = { outcomes, median: at(0.5), p95: at(0.95), least: at(1 / RUNS), most: at(1) };
  if (LONG) {
    console.log(
      `${redundancy}×, ${share * 100} % withheld, ${budget}, ${RUNS} runs, seed ${random.seed}:`,
      JSON.stringify(result),
    );
  }
  return result;
}

describe('at 4×', { timeout: TIMEOUT_MS }, () => {
  it('nothing withheld: available after exactly 20 samples', async () => {
    expect(await sampleMany(4, 0)).toMatchObject({ outcomes: { available: RUNS }, least: 20, most: 20 });
  });

  it('25 % withheld: available; median within 64, 95 % within 112', async () => {
    const { outcomes, median, p95 } = await sampleMany(4, 0.25);
    expect(outcomes).toEqual({ available: RUNS });
    expect(median).toBeLessThanOrEqual(64);
    expect(p95).toBeLessThanOrEqual(112);
  });

  it('76 % withheld: never available', async () => {
    expect((await sampleMany(4, 0.76)).outcomes.available).toBeUndefined();
  });

  it('90 % withheld: unavailable; median within 192, 95 % within 320', async () => {
    const { outcomes, median, p95 } = await sampleMany(4, 0.9);
    expect(outcomes).toEqual({ unavailable: RUNS });
    expect(median).toBeLessThanOrEqual(192);
    expect(p95).toBeLessThanOrEqual(320);
  });

  it('everything withheld: unavailable within 64', async () => {
    const { outcomes, most } = await sampleMany(4, 1);
    expect(outcomes).toEqual({ unavailable: RUNS });
    expect(most).toBeLessThanOrEqual(64);
  });

  it('a light budget: no more than 64 rows, and half the bits are enough', async () => {
    expect((await sampleMany(4, 0.25, 'light')).outcomes.unavailable).toBeUndefined();
    expect((await sampleMany(4, 0.76, 'light')).most).toBeLessThanOrEqual(64);
  });
});

describe.each([
  [2, 40],
  [8, 14],
] as const)('at %i×', { timeout: TIMEOUT_MS }, (redundancy, first) => {
  it(`nothing withheld: available after exactly ${first} samples`, async () => {
    expect(await sampleMany(redundancy, 0)).toMatchObject({ outcomes: { available: RUNS }, least: first, most: first });
  });

  it('one row less than it takes: never available', async () => {
    expect((await sampleMany(redundancy, 1 - 1 / redundancy + 1 / 128 / redundancy)).outcomes.available).toBeUndefined();
  });

  it('everything withheld: unavailable', async () => {
    expect((await sampleMany(redundancy, 1)).outcomes).toEqual({ unavailable: RUNS });
  });
});

describe('whom it asks', () => {
  it('draws all rows of a round before it asks for any of them, and no row twice', async () => {
    const random = randomOf(onTestFailed);
    const blob = await heldBlob(random, 4);
    const { sampler, draws } = await blob.sample({ withheld: new Set(Array(256).keys()), random: random.bytes });
    expect(draws).toEqual([20, 30, 40, 50]);
    expect(new Set(sampler.rows().map(({ index }) => index)).size).toBe(50);
  });

  it('nobody hears of a row before its holders', async () => {
    const random = randomOf(onTestFailed);
    const blob = await heldBlob(random, 2, [70n, 10n, 10n, 5n, 5n]);
    const assignment = assignRows(blob.committee, commitmentOf(blob.record.blobId), blob.record);
    const { asked } = await blob.sample({ withheld: new Set(Array(blob.total).keys()), random: random.bytes });
    const heard = new Map<number, Set<number>>();
    for (const { member, index } of asked) {
      const before = heard.get(index) ?? new Set();
      if (!assignment.holds(member, index)) for (const owner of assignment.ownersOf(index)) expect(before.has(owner)).toBe(true);
      heard.set(index, before.add(member));
    }
    expect(heard.size).toBe(40);
  });

  it('a question that never left says nothing against the blob', async () => {
    const random = randomOf(onTestFailed);
    const { sampler, outcome } = await (await heldBlob(random, 4)).sample({
      withheld: new Set(),
      random: random.bytes,
      unsent: true,
    });
    expect(verdicts(sampler.rows())).toEqual({ timeout: 20 });
    expect(outcome).toBe('inconclusive');
  });

  it('spreads what several hold over all of them', async () => {
    const random = randomOf(onTestFailed);
    const blob = await heldBlob(random, 4, Array(8).fill(1n));
    const { asked } = await blob.sample({ withheld: new Set(), random: random.bytes });
    const byMember = Array.from({ length: 8 }, (_, member) => asked.filter((one) => one.member === member).length);
    expect(asked).toHaveLength(20);
    expect(Math.max(...byMember)).toBeLessThanOrEqual(6);
    expect(byMember.filter((count) => count > 0).length).toBeGreaterThanOrEqual(6);
  });
});
