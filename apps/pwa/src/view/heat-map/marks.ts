import type { RowVerdict, RowView } from '@perigee/sampler';

/** What a row is marked with: its verdict, and one more for a verified row that another page gave. */
export type RowMark = RowVerdict | 'page';

/**
 * The mark of a verdict in a box of 16 × 16 units, as SVG path data: the canvas, the legend and the table draw the same one. Shape alone tells them
 * apart: a full square, one with a stroke across, a hollow one, a square with a slit, a ring, a cross, a triangle.
 */
export interface Mark {
  /** Filled with the verdict's colour. */
  readonly solid?: string;
  /** Drawn as a line in the verdict's colour. */
  readonly line?: string;
  /** Drawn as a line in the colour of the background, over `solid`. */
  readonly cut?: string;
  /** Like `line`, but only where the mark is large enough to show it. */
  readonly detail?: string;
}

export const LINE_WIDTH = 2.4;

export const MARKS: Readonly<Record<RowMark, Mark>> = {
  verified: { solid: 'M1.5 1.5h13v13h-13z' },
  page: { solid: 'M1.5 1.5h13v13h-13z', cut: 'M4.5 11.5l7-7' },
  asked: { line: 'M2.7 2.7h10.6v10.6H2.7z' },
  timeout: { line: 'M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12z', detail: 'M8 5.5V8.4l2 1.3' },
  withheld: { solid: 'M1.5 1.5h13v4.4h-13zM1.5 10.1h13v4.4h-13z' },
  'invalid/peer': { line: 'M2.5 2.5l11 11M13.5 2.5l-11 11' },
  'invalid/encoding': { solid: 'M8 1L15.4 14.6H.6z', cut: 'M8 6.4v3.4M8 12v.1' },
};

export function markOf({ verdict, fromPage }: Pick<RowView, 'verdict' | 'fromPage'>): RowMark {
  return verdict === 'verified' && fromPage ? 'page' : verdict;
}
