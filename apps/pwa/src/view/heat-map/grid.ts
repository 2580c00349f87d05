/**
 * How all rows of a blob lie as cells of one canvas, row 0 at the top left, line by line. The cells fill the canvas, nearly square, so that their
 * edges are rounded to device pixels. Pure: the same size gives the same grid. Lengths are in device pixels.
 */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly total: number;
  readonly columns: number;
  readonly lines: number;
  /** Side of the largest square that every cell holds. */
  readonly side: number;
  /** Width of the line between cells, a part of `side`; 0 where cells are too small for one. */
  readonly gap: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Below this a line between cells would take up what it separates. */
const MIN_SIDE_WITH_GAP = 4;
const MIN_SIDE_WITH_WIDE_GAP = 24;

/** @param total at least 1 */
export function gridOf(width: number, height: number, total: number): Grid {
  const columns = Math.max(1, Math.min(total, Math.round(width / Math.sqrt((width * height) / total))));
  const lines = Math.ceil(total / columns);
  const side = Math.max(1, Math.floor(Math.min(width / columns, height / lines)));
  const gap = side < MIN_SIDE_WITH_GAP ? 0 : side < MIN_SIDE_WITH_WIDE_GAP ? 1 : 2;
  return { width, height, total, columns, lines, side, gap };
}

/** Left edge of a column; that of the column past the last is the width. */
export function leftOf({ width, columns }: Grid, column: number): number {
  return Math.round((column * width) / columns);
}

/** Top edge of a line; that of the line past the last is the height. */
export function topOf({ height, lines }: Grid, line: number): number {
  return Math.round((line * height) / lines);
}

/** Middle of a row's cell. */
export function middleOf(grid: Grid, row: number): Point {
  const column = row % grid.columns;
  const line = Math.floor(row / grid.columns);
  return {
    x: (leftOf(grid, column) + leftOf(grid, column + 1) - grid.gap) / 2,
    y: (topOf(grid, line) + topOf(grid, line + 1) - grid.gap) / 2,
  };
}

/** The row whose cell is at, or nearest to, a point. */
export function rowAt({ width, height, columns, lines, total }: Grid, { x, y }: Point): number {
  const column = clamp(Math.floor((x / width) * columns), columns);
  const line = clamp(Math.floor((y / height) * lines), lines);
  return Math.min(line * columns + column, total - 1);
}

/**
 * Of `rows`, the one whose cell is nearest to a point and not further than `reach` from it: cells of a large blob are smaller than a finger.
 */
export function nearestRow(grid: Grid, { x, y }: Point, rows: Iterable<number>, reach: number): number | undefined {
  let nearest: number | undefined;
  let least = reach;
  for (const row of rows) {
    const middle = middleOf(grid, row);
    const distance = Math.hypot(middle.x - x, middle.y - y);
    if (distance <= least) {
      least = distance;
      nearest = row;
    }
  }
  return nearest;
}

function clamp(value: number, end: number): number {
  return Math.max(0, Math.min(end - 1, value));
}
