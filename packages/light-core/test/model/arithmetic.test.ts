import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_MULTIPLIER,
  MAX_SHIFT,
  MIN_MULTIPLIER,
  MIN_SHIFT,
  normalise,
  powerOfHalf,
  rescale,
  wholeSquareRoot,
} from '../../src/model/arithmetic.ts';

const int32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

describe('the integers of the model', () => {
  it('rescale as whole numbers of any size do', () => {
    const multipliers = fc.oneof(fc.constant(0), fc.integer({ min: MIN_MULTIPLIER, max: MAX_MULTIPLIER }));
    const exact = (sum: number, multiplier: number, shift: number): number =>
      Number((BigInt(sum) * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift));
    fc.assert(
      fc.property(int32, multipliers, fc.integer({ min: MIN_SHIFT, max: MAX_SHIFT }), (sum, multiplier, shift) => {
        expect(rescale(sum, multiplier, shift)).toBe(exact(sum, multiplier, shift));
      }),
      { numRuns: 5_000 },
    );
    for (const sum of [-0x8000_0000, -1, 0, 1, 0x7fff_ffff]) {
      for (const shift of [MIN_SHIFT, MAX_SHIFT])
        expect(rescale(sum, MAX_MULTIPLIER, shift)).toBe(exact(sum, MAX_MULTIPLIER, shift));
    }
  });

  it('take whole square roots', () => {
    for (const value of [0, 1, 2, 3, 4, 0xffff_ffff, 0xfffe_0001, 0xfffe_0000]) {
      const root = BigInt(wholeSquareRoot(value));
      expect([root * root <= BigInt(value), (root + 1n) * (root + 1n) > BigInt(value)]).toEqual([true, true]);
    }
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (value) => {
        const root = BigInt(wholeSquareRoot(value));
        return root * root <= BigInt(value) && (root + 1n) * (root + 1n) > BigInt(value);
      }),
    );
  });

  it('take powers of a half, never rising, within 2^-13 of the true value', () => {
    const powers = Array.from({ length: 17 << 12 }, (_, x) => powerOfHalf(x));
    expect(powers.findIndex((power, x) => power > (powers[x - 1] ?? 32_768))).toBe(-1);
    expect(powers.findIndex((power, x) => Math.abs(power / 32_768 - 2 ** (-x / 4_096)) >= 2 ** -13)).toBe(-1);
    expect([powerOfHalf(0), powerOfHalf(4_096), powerOfHalf(0x7fff_ffff)]).toEqual([32_768, 16_384, 0]);
  });

  it('normalise vectors of any size to the root mean square 1', () => {
    const state = fc
      .integer({ min: 1, max: 16 })
      .chain((sixteens) =>
        fc.array(fc.integer({ min: -(2 ** 30), max: 2 ** 30 }), { minLength: 16 * sixteens, maxLength: 16 * sixteens }),
      );
    fc.assert(
      fc.property(state, fc.nat(29), (values, down) => {
        const scaled = Int32Array.from(values, (value) => value >> down);
        const out = new Int16Array(scaled.length);
        normalise(scaled, out);
        const rms = Math.sqrt(scaled.reduce((sum, x) => sum + x * x, 0) / scaled.length);
        for (const [i, x] of scaled.entries()) {
          expect(Math.abs((out[i] as number) / 1_024 - (rms === 0 ? 0 : x / rms))).toBeLessThan(0.02);
        }
      }),
    );
  });
});
