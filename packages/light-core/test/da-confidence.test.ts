import { availabilityBits, encodingBits, type Redundancy, unavailabilityBits } from '@perigee/light-core/da';
import { FIRST_ROUND_ROWS } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import vectors from '../../../tests/vectors/confidence.json' with { type: 'json' };

describe('known answers', () => {
  it.each(vectors.cases)('$verified of $drawn of $k + $n, $rounds rounds', ({ rounds, ...known }) => {
    const close = (bits: number, due: number | null): void => {
      if (due === null) expect(bits).toBe(Number.POSITIVE_INFINITY);
      else expect(bits).toBeCloseTo(due, 7);
    };
    close(availabilityBits(known, known, rounds), known.availabilityBits);
    close(unavailabilityBits(known, known), known.unavailabilityBits);
  });
});

describe('bits', () => {
  it('of a full first round are at least 40, at every redundancy and size', () => {
    for (const redundancy of [2, 4, 8] as Redundancy[]) {
      for (const k of [64, 256, 1024, 4096]) {
        const drawn = FIRST_ROUND_ROWS[redundancy];
        expect(availabilityBits({ k, n: (redundancy - 1) * k }, { drawn, verified: drawn }, 1)).toBeGreaterThanOrEqual(40);
      }
    }
  });

  it('rise with each verified row, and never say both available and unavailable', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 3, 7),
        fc.constantFrom(64, 256, 1024),
        fc.integer({ min: 1, max: 200 }),
        (ratio, k, some) => {
          const rows = { k, n: ratio * k };
          const drawn = Math.min(some, k + rows.n);
          let before = -1;
          for (let verified = 0; verified <= drawn; verified++) {
            const bits = availabilityBits(rows, { drawn, verified }, 1);
            expect(bits).toBeGreaterThanOrEqual(before);
            expect(bits >= 40 && unavailabilityBits(rows, { drawn, verified }) > 20).toBe(false);
            before = bits;
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('of encoding follow the number of own rows, and are gone after one failure', () => {
    expect(encodingBits({ k: 64, n: 192 }, 148, false)).toBeGreaterThan(100);
    expect(encodingBits({ k: 64, n: 64 }, 241, false)).toBeGreaterThan(100);
    expect(encodingBits({ k: 64, n: 448 }, 121, false)).toBeGreaterThan(100);
    expect(encodingBits({ k: 64, n: 192 }, 147, false)).toBeLessThan(100);
    expect(encodingBits({ k: 64, n: 192 }, 148, true)).toBe(0);
  });

  it('of counts that cannot be are refused', () => {
    const code = (drawn: number, verified: number, rounds = 1, k = 64): string =>
      codeOf(() => availabilityBits({ k, n: 64 }, { drawn, verified }, rounds));
    const unavailable = (drawn: number, verified: number, k = 64): string =>
      codeOf(() => unavailabilityBits({ k, n: 64 }, { drawn, verified }));
    for (const [drawn, verified, rounds, k] of [
      [129, 1],
      [1, 2],
      [1.5, 1],
      [1, -1],
      [1, 1, 0],
      [1, 1, 1.5],
      [1, 1, 1, 0],
      [1, 1, 1, 65_473],
      [1, 1, 1, 2 ** 45],
    ] as [number, number, number?, number?][]) {
      expect(code(drawn, verified, rounds, k)).toBe('INVALID_ARGUMENT');
      if (rounds === 1 || rounds === undefined) expect(unavailable(drawn, verified, k)).toBe('INVALID_ARGUMENT');
    }
  });
});
