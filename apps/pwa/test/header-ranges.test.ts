import { describe, expect, it } from 'vitest';
import { headerRanges } from '../src/view/header-ranges.ts';

const ranges = (...heights: number[]) => headerRanges(heights.map((height) => ({ height }))).map(({ from, to }) => [from, to]);

describe('headerRanges', () => {
  it('joins heights that follow each other, whatever their order', () => {
    expect(ranges()).toEqual([]);
    expect(ranges(7)).toEqual([[7, 7]]);
    expect(ranges(12, 11, 10, 4, 3, 1, 11)).toEqual([
      [1, 1],
      [3, 4],
      [10, 12],
    ]);
  });
});
