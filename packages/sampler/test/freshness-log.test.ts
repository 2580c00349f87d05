import { ONE_SOURCE_TOLD_MS } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { FreshnessLog } from '../src/chain/freshness-log.ts';
import type { Freshness } from '../src/index.ts';

/** @returns what was told, of a freshness seen at each time */
function told(seen: readonly (readonly [atMs: number, freshness: Freshness])[]): [number, Freshness][] {
  let now = 0;
  const log = new FreshnessLog({ now: () => now, sleep: async () => {} });
  return seen.flatMap(([atMs, freshness]) => {
    now = atMs;
    return log.look(freshness) ? [[atMs, freshness] as [number, Freshness]] : [];
  });
}

describe('a change of freshness', () => {
  it('is told once', () => {
    expect(told([0, 1, 2].map((at) => [at, 'current']))).toEqual([[0, 'current']]);
  });

  it('is told at once when a head is old, and when it is current again', () => {
    expect(
      told([
        [0, 'current'],
        [30_000, 'stale'],
        [31_000, 'current'],
      ]),
    ).toEqual([
      [0, 'current'],
      [30_000, 'stale'],
      [31_000, 'current'],
    ]);
  });

  it('is no news while each head has one source for a moment, for hours', () => {
    const heads = Array.from({ length: 10_000 }, (_, i) => i * 1_000);
    const seen = heads.flatMap((at) => [[at, 'one source'] as const, [at + 40, 'current'] as const]);
    expect(told(seen)).toEqual([[40, 'current']]);
  });

  it('is told when one source is all that there is, over several heads', () => {
    const seen = Array.from({ length: 10 }, (_, i) => [i * 1_000, i === 0 ? 'current' : 'one source'] as const);
    expect(told(seen)).toEqual([
      [0, 'current'],
      [1_000 + ONE_SOURCE_TOLD_MS, 'one source'],
    ]);
  });
});
