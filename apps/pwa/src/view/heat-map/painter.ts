import type { RowVerdict, RowView } from '@perigee/sampler';
import { type Grid, leftOf, middleOf, topOf } from './grid.ts';
import { LINE_WIDTH, MARKS } from './marks.ts';
import type { Palette } from './palette.ts';

/** Units of the box in which marks are given. */
const BOX = 16;
/** A mark smaller than this cannot be told from another: in a map of smaller cells it covers its neighbours. Device-independent pixels. */
const MIN_MARK = 11;
/** From here on a mark shows its details. Device-independent pixels. */
const DETAILED_MARK = 14;
/** Marks grow past their cells only while few enough were drawn that they hardly touch. */
const SPARSE = 24;

const VERDICTS = Object.keys(MARKS) as RowVerdict[];
/** What stands in a cell: 0 for a row that was not asked for. */
const CODES = new Map<RowVerdict, number>(VERDICTS.map((verdict, place) => [verdict, place + 1]));

export interface Layout {
  readonly grid: Grid;
  /** Original rows. */
  readonly k: number;
  readonly palette: Palette;
  /** Device pixels of one CSS pixel. */
  readonly scale: number;
}

/**
 * Paints the rows of one blob. The ground is painted once; after that only cells whose verdict changed are touched, each by copying a mark that
 * was drawn beforehand.
 */
export class HeatMapPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #sprites: HTMLCanvasElement;
  #layout: Layout | undefined;
  #shown = new Uint8Array(0);
  #mark = 0;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new TypeError('this browser gives no 2d context');
    this.#context = context;
    this.#sprites = document.createElement('canvas');
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
    if (mark !== this.#mark) {
      this.#mark = mark;
      this.#drawSprites(layout, mark);
      this.#drawGround(layout);
      this.#shown.fill(0);
    }
    let painted = 0;
    for (const { index, verdict } of rows) {
      const code = CODES.get(verdict) ?? 0;
      if (index >= this.#shown.length || this.#shown[index] === code) continue;
      this.#shown[index] = code;
      const { x, y } = middleOf(layout.grid, index);
      const left = Math.round(x - mark / 2);
      const top = Math.round(y - mark / 2);
      this.#context.drawImage(this.#sprites, (code - 1) * mark, 0, mark, mark, left, top, mark, mark);
      painted++;
    }
    return painted;
  }

  /** All cells as not asked for, original rows in a tint of their own. */
  #drawGround({ grid, k, palette }: Layout): void {
    const context = this.#context;
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

  /** One opaque square for each verdict, side by side: painted over another it leaves nothing of it. */
  #drawSprites({ palette, scale }: Layout, mark: number): void {
    this.#sprites.width = mark * VERDICTS.length;
    this.#sprites.height = mark;
    const context = this.#sprites.getContext('2d', { alpha: false });
    if (context === null) return;
    context.fillStyle = palette.ground;
    context.fillRect(0, 0, this.#sprites.width, mark);
    context.lineWidth = LINE_WIDTH;
    VERDICTS.forEach((verdict, place) => {
      const { solid, line, cut, detail } = MARKS[verdict];
      context.setTransform(mark / BOX, 0, 0, mark / BOX, place * mark, 0);
      context.fillStyle = palette.verdicts[verdict];
      context.strokeStyle = palette.verdicts[verdict];
      if (solid !== undefined) context.fill(new Path2D(solid));
      if (line !== undefined) context.stroke(new Path2D(line));
      if (detail !== undefined && mark >= DETAILED_MARK * scale) context.stroke(new Path2D(detail));
      context.strokeStyle = palette.ground;
      if (cut !== undefined) context.stroke(new Path2D(cut));
    });
  }
}

function markSize({ grid, scale }: Layout, drawn: number): number {
  const inside = grid.side - grid.gap;
  return drawn * SPARSE > grid.total ? Math.max(1, inside) : Math.max(inside, Math.round(MIN_MARK * scale));
}
