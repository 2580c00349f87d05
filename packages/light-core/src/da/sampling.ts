import {
  AVAILABLE_BITS,
  FIRST_ROUND_ROWS,
  LIGHT_AVAILABLE_BITS,
  LIGHT_SAMPLE_BUDGET_ROWS,
  SAMPLE_BUDGET_ROWS,
  TOP_UP_ROWS,
  UNAVAILABLE_BITS,
} from '@perigee/wire';
import { availabilityBits, type RowCounts, type SampleCount, unavailabilityBits } from './confidence.ts';
import { redundancyOf } from './geometry.ts';

/** How long a client goes on sampling one blob (PROTOCOL §4). */
export interface SamplingGoal {
  /** Bits at which the blob is called available. */
  readonly target: number;
  /** Rows that may be drawn at most. */
  readonly budget: number;
}

/** @param budget `light` for whoever pays for each byte: half the bits, an eighth of the rows */
export function samplingGoal({ k, n }: RowCounts, budget: 'full' | 'light'): SamplingGoal {
  const rows = budget === 'light' ? LIGHT_SAMPLE_BUDGET_ROWS : SAMPLE_BUDGET_ROWS;
  return { target: budget === 'light' ? LIGHT_AVAILABLE_BITS : AVAILABLE_BITS, budget: Math.min(rows, k + n) };
}

/**
 * Rows of the next round.
 *
 * @param drawn rows of the rounds before, 0 for the first
 * @returns 0 once the budget is spent
 * @throws BLOB_GEOMETRY
 */
export function roundRows(rows: RowCounts, drawn: number, { budget }: SamplingGoal): number {
  const redundancy = redundancyOf(rows);
  return Math.min(drawn === 0 ? FIRST_ROUND_ROWS[redundancy] : TOP_UP_ROWS[redundancy], budget - drawn);
}

/**
 * What all rounds together came to, after each of them; `undefined` asks for another round. Both verdicts cannot hold at once: one needs far
 * more than K of K+N in the draw, the other far fewer.
 *
 * @param rounds looks at the evidence so far, this one included
 * @param isAllAsked whether every holder of every row that is missing was asked for it: who could not be reached has not refused
 */
export function samplingOutcome(
  rows: RowCounts,
  count: SampleCount,
  { rounds, goal, isAllAsked }: { readonly rounds: number; readonly goal: SamplingGoal; readonly isAllAsked: boolean },
): 'available' | 'unavailable' | 'inconclusive' | undefined {
  if (availabilityBits(rows, count, rounds) >= goal.target) return 'available';
  if (isAllAsked && unavailabilityBits(rows, count) > UNAVAILABLE_BITS) return 'unavailable';
  return roundRows(rows, count.drawn, goal) > 0 ? undefined : 'inconclusive';
}
