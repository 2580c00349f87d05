import type { RowVerdict } from '@perigee/sampler';
import type { CardWords } from '../strings/share/index.ts';

/** As places where links are shown expect it, pixels. */
export const WIDTH = 1_200;
export const HEIGHT = 630;

const EDGE = 72;
const INNER = WIDTH - 2 * EDGE;
/** Drawn rows: so many in a line, and lines. */
const CELLS = 32;
const LINES = 4;
const GAP = 6;
const CELL = (INNER - (CELLS - 1) * GAP) / CELLS;

/** Colours of a theme, as the page's tokens name them. */
export interface Ink {
  readonly paper: string;
  readonly card: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly accent: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
  readonly sans: string;
  readonly mono: string;
}

/** The theme that the page has now. */
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: token('paper'),
    card: token('card'),
    ink: token('ink'),
    quiet: token('quiet'),
    line: token('line'),
    accent: token('accent'),
    good: token('good'),
    warn: token('warn'),
    bad: token('bad'),
    sans: token('sans'),
    mono: token('mono'),
  };
}

export interface Picture {
  readonly words: CardWords;
  /** Drawn rows of the blob that is shown. */
  readonly verdicts: readonly RowVerdict[];
}

/** Draws the card, WIDTH × HEIGHT, over whatever is there. */
export function paint(context: CanvasRenderingContext2D, { words, verdicts }: Picture, ink: Ink): void {
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  context.fillStyle = ink.accent;
  context.fillRect(0, 0, WIDTH, 8);
  const line = (text: string, y: number, px: number, color: string, { bold = false, family = ink.sans } = {}): void => {
    context.fillStyle = color;
    context.font = `${bold ? '600 ' : ''}${px}px ${family}`;
    // a name may be as long as its chain likes: it is made narrower, and nothing of it is left out
    context.fillText(text, EDGE, y, INNER);
  };
  line(words.name, 84, 30, ink.accent, { bold: true });
  line(words.title, 168, 62, ink.ink, { bold: true });
  line(words.chain, 222, 32, ink.quiet);
  line(words.signed, 292, 32, ink.ink);
  line(words.sampled, 338, 32, ink.ink);
  drawRows(context, verdicts.slice(0, CELLS * LINES), 372, ink);
  line(words.hash, 552, 22, ink.quiet, { family: ink.mono });
  line(words.foot, 590, 24, ink.quiet);
}

function drawRows(context: CanvasRenderingContext2D, verdicts: readonly RowVerdict[], top: number, ink: Ink): void {
  for (const [place, verdict] of verdicts.entries()) {
    context.fillStyle = colorOf(verdict, ink);
    const x = EDGE + (place % CELLS) * (CELL + GAP);
    const y = top + Math.floor(place / CELLS) * (CELL + GAP);
    context.beginPath();
    context.roundRect(x, y, CELL, CELL, 4);
    context.fill();
  }
}

function colorOf(verdict: RowVerdict, { good, bad, warn, line }: Ink): string {
  if (verdict === 'verified') return good;
  if (verdict === 'asked') return line;
  return verdict.startsWith('invalid') ? bad : warn;
}

/** @throws INTERNAL where the browser makes no picture */
export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((made) => (made === null ? reject(new Error('the browser made no picture')) : resolve(made)), 'image/png');
  });
}
