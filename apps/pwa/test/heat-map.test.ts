import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridOf, leftOf, middleOf, nearestRow, rowAt, topOf } from '../src/view/heat-map/grid.ts';
import { moveTo } from '../src/view/heat-map/move.ts';

const size = fc.integer({ min: 1, max: 3000 });
const totals = fc.integer({ min: 1, max: 32_768 });

describe('gridOf', () => {
  it('holds every row, fills the canvas, and finds each row again at its middle', () => {
    fc.assert(
      fc.property(size, size, totals, fc.nat(), (width, height, total, seed) => {
        fc.pre(width * height >= 4 * total && width * total > height && height * total > width);
        const grid = gridOf(width, height, total);
        expect(grid.columns * grid.lines).toBeGreaterThanOrEqual(total);
        expect([leftOf(grid, grid.columns), topOf(grid, grid.lines)]).toEqual([width, height]);
        const row = seed % total;
        if (grid.side > 2) expect(rowAt(grid, middleOf(grid, row))).toBe(row);
      }),
    );
  });

  it('has cells that a phone and a desktop can show at the largest blobs', () => {
    expect(gridOf(2 * 324, 2 * 320, 16_384).side).toBe(5);
    expect(gridOf(818, 320, 16_384).side).toBe(3);
    expect(gridOf(818, 320, 32_768).side).toBeGreaterThanOrEqual(2);
    expect(gridOf(818, 320, 128).side).toBeGreaterThanOrEqual(40);
  });
});

it('takes the nearest asked row within reach, and none beyond it', () => {
  const grid = gridOf(818, 320, 16_384);
  const { x, y } = middleOf(grid, 9_000);
  expect(nearestRow(grid, { x: x + 5, y }, [100, 9_000, 9_001], 14)).toBe(9_001);
  expect(nearestRow(grid, { x: x + 5, y: y + 9 }, [100, 9_000], 14)).toBe(9_000);
  expect(nearestRow(grid, { x: x + 20, y }, [100, 9_000], 14)).toBeUndefined();
});

describe('moveTo', () => {
  const input = { from: 50, total: 128, columns: 19, asked: [3, 50, 77] };
  it.each([
    ['ArrowRight', 51],
    ['ArrowLeft', 49],
    ['ArrowDown', 69],
    ['ArrowUp', 31],
    ['Home', 0],
    ['End', 127],
    ['PageDown', 77],
    ['PageUp', 3],
    ['a', undefined],
  ])('%s leads to %s', (key, to) => {
    expect(moveTo(key, input)).toBe(to);
  });

  it('stays at the edges', () => {
    expect(moveTo('ArrowLeft', { ...input, from: 0 })).toBe(0);
    expect(moveTo('ArrowUp', { ...input, from: 5 })).toBe(5);
    expect(moveTo('ArrowDown', { ...input, from: 120 })).toBe(120);
    expect(moveTo('PageDown', { ...input, from: 77 })).toBe(77);
  });
});
