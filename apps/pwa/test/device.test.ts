import { describe, expect, it } from 'vitest';
import { paceOf } from '../src/view/Device.tsx';

const headers = (...all: readonly [height: number, seconds: number][]) =>
  all.map(([height, seconds]) => ({ height, timeMs: seconds * 1_000 }));

describe('paceOf', () => {
  it('counts blocks by their own times, not those that were skipped to long before', () => {
    expect(paceOf([])).toBeUndefined();
    expect(paceOf(headers([9, 100]))).toBeUndefined();
    expect(paceOf(headers([9, 100], [8, 100]))).toBeUndefined();
    expect(paceOf(headers([12, 1_002], [11, 1_001], [10, 1_000]))).toBe(60);
    expect(paceOf(headers([12, 1_002], [11, 1_001], [10, 1_000], [1, 3]))).toBe(60);
    expect(paceOf(headers([12, 1_004], [10, 1_000], [8, 996]))).toBe(30);
  });
});
