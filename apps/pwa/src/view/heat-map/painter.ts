import type { RowView } from '@perigee/sampler';
import { type Grid, leftOf, middleOf, topOf } from './grid.ts';
import { LINE_WIDTH, MARKS, markOf, type RowMark } from './marks.ts';
import type { Palette } from './palette.ts';

/** Units of the box in which marks are given. */
const BOX = 16;
/** A mark smaller than this cannot be told from another: in a map of smaller cells it covers its neighbours. Device-independent pixels. */
const MIN_MARK = 11;
/** From here on a mark shows its details. Device-independent pixels. */
const DETAILED_MARK = 14;
/** Marks grow past their cells only while few enough were drawn that they hardly touch. */
const SPARSE = 24;

const NAMES = Object.keys(MARKS) as RowMark[];
/** What stands in a cell: 0 for a row that was not asked for. */
const CODES = new Map<RowMark, number>(NAMES.map((name, place) => [name, place + 1]));

export interface Layout {
  readonly grid: Grid;
  /** Original rows. */
  readonly k: number;
  readonly palette: Palette;
  /** Device pixels of one CSS pixel. */
  readonly scale: number;
}

/** Device pixels, the second of each pair not included. */
interface Bounds {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Paints the rows of one blob. Ground and marks are drawn once into pixels; after that a cell whose verdict changed is a copy of a few pixels, and
 * what was copied goes to the canvas in one piece: 16,384 cells cost little more than one (a `drawImage` for each took a hundred times as long).
 */
export class HeatMapPainter {
  readonly #context: CanvasRenderingContext2D;
  #layout: Layout | undefined;
  /** What stands in each cell, as in CODES. */
  #shown = new Uint8Array(0);
  /** Side of a mark; 0 when nothing is painted yet. */
  #mark = 0;
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);
  /** Pixels of each mark, by code - 1. */
  #marks: readonly Uint32Array[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#context = contextOf(canvas);
  }

  /** Takes another size, blob or palette; the next `draw` paints everything anew. */
  lay(layout: Layout): void {
    this.#layout = layout;
    this.#shown = new Uint8Array(layout.grid.total);
    this.#mark = 0;
  }

  /**
   * Brings the canvas up to the verdicts of `rows`.
   *
   * @returns cells that were painted
   */
  draw(rows: readonly RowView[]): number {
    const layout = this.#layout;
    if (layout === undefined) return 0;
    const mark = markSize(layout, rows.length);
    if (mark !== this.#mark) this.#begin(layout, mark);
    const { width, height } = layout.grid;
    const changed: Bounds = { left: width, right: 0, top: height, bottom: 0 };
    let painted = 0;
    for (const row of rows) {
      const { index } = row;
      const code = CODES.get(markOf(row)) ?? 0;
      if (index >= this.#shown.length || this.#shown[index] === code) continue;
      this.#shown[index] = code;
      this.#stamp(layout, index, code, changed);
      painted++;
    }
    if (painted > 0 && this.#image !== undefined) {
      const { left, right, top, bottom } = changed;
      this.#context.putImageData(this.#image, 0, 0, left, top, right - left, bottom - top);
    }
    return painted;
  }

  #begin(layout: Layout, mark: number): void {
    this.#mark = mark;
    this.#marks = marksOf(layout, mark);
    drawGround(this.#context, layout);
    this.#image = this.#context.getImageData(0, 0, layout.grid.width, layout.grid.height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#shown.fill(0);
  }

  /** Copies a mark to the middle of a cell, without what would lie beyond the edge. */
  #stamp({ grid }: Layout, index: number, code: number, changed: Bounds): void {
    const side = this.#mark;
    const pixels = this.#marks[code - 1];
    if (pixels === undefined) return;
    const middle = middleOf(grid, index);
    const x = Math.round(middle.x - side / 2);
    const y = Math.round(middle.y - side / 2);
    const left = Math.max(0, x);
    const right = Math.min(grid.width, x + side);
    const top = Math.max(0, y);
    const bottom = Math.min(grid.height, y + side);
    for (let line = top; line < bottom; line++) {
      const from = (line - y) * side - x;
      const to = line * grid.width;
      for (let column = left; column < right; column++) this.#pixels[to + column] = pixels[from + column] ?? 0;
    }
    changed.left = Math.min(changed.left, left);
    changed.right = Math.max(changed.right, right);
    changed.top = Math.min(changed.top, top);
    changed.bottom = Math.max(changed.bottom, bottom);
  }
}

/** All cells as not asked for, original rows in a tint of their own. */
function drawGround(context: CanvasRenderingContext2D, { grid, k, palette }: Layout): void {
  const { width, height, columns, lines, gap, total } = grid;
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, width, height);
  const fill = (from: number, to: number) => {
    for (let row = from; row < to; ) {
      const column = row % columns;
      const line = Math.floor(row / columns);
      const end = Math.min(columns, column + to - row);
      const left = leftOf(grid, column);
      const top = topOf(grid, line);
      context.fillRect(left, top, leftOf(grid, end) - left, topOf(grid, line + 1) - top);
      row += end - column;
    }
  };
  context.fillStyle = palette.original;
  fill(0, k);
  context.fillStyle = palette.parity;
  fill(k, total);
  if (gap === 0) return;
  context.fillStyle = palette.ground;
  for (let column = 1; column <= columns; column++) context.fillRect(leftOf(grid, column) - gap, 0, gap, height);
  for (let line = 1; line <= lines; line++) context.fillRect(0, topOf(grid, line) - gap, width, gap);
}

/** The pixels of each mark. They are opaque: painted over another, a mark leaves nothing of it. */
function marksOf({ palette, scale }: Layout, side: number): Uint32Array[] {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  const context = contextOf(canvas);
  return NAMES.map((name) => {
    const { solid, line, cut, detail } = MARKS[name];
    context.resetTransform();
    context.fillStyle = palette.ground;
    context.fillRect(0, 0, side, side);
    context.scale(side / BOX, side / BOX);
    context.lineWidth = LINE_WIDTH;
    context.fillStyle = palette.marks[name];
    context.strokeStyle = palette.marks[name];
    if (solid !== undefined) context.fill(new Path2D(solid));
    if (line !== undefined) context.stroke(new Path2D(line));
    if (detail !== undefined && side >= DETAILED_MARK * scale) context.stroke(new Path2D(detail));
    context.strokeStyle = palette.ground;
    if (cut !== undefined) context.stroke(new Path2D(cut));
    return new Uint32Array(context.getImageData(0, 0, side, side).data.buffer);
  });
}

/** A context whose pixels lie where they are written and read. */
function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
  if (context === null) throw new TypeError('this browser gives no 2d context');
  return context;
}

function markSize({ grid, scale }: Layout, drawn: number): number {
  const inside = grid.side - grid.gap;
  return drawn * SPARSE > grid.total ? Math.max(1, inside) : Math.max(inside, Math.round(MIN_MARK * scale));
}
