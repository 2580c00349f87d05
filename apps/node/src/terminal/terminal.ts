import { type Line, render } from './line.ts';

/** A screen of a terminal is drawn at most this often, milliseconds: it is to be read. */
const DRAW_EVERY_MS = 500;
// a screen of its own, so that what was on the terminal before is there after it
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[H';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const END_OF_LINE = '\u001b[K';
const END_OF_SCREEN = '\u001b[J';

export interface TerminalOptions {
  readonly stream: Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows' | 'on' | 'off'>;
  readonly isColoured: boolean;
  /** Lines of a screen of this height. */
  readonly draw: (rows: number) => readonly Line[];
}

/** Draws a screen over itself, without a flicker. @returns what gives the terminal back */
export function openTerminal({ stream, isColoured, draw }: TerminalOptions): () => void {
  const paint = (): void => {
    const { columns = 80, rows = 24 } = stream;
    // never the last column of the last row: it would scroll
    const lines = draw(rows).slice(0, rows - 1);
    const text = lines.map((line) => `${render(line, columns - 1, isColoured)}${END_OF_LINE}\r\n`).join('');
    stream.write(`${HOME}${text}${END_OF_SCREEN}`);
  };
  const onExit = (): void => void stream.write(LEAVE);
  process.once('exit', onExit);
  stream.write(ENTER);
  paint();
  const timer = setInterval(paint, DRAW_EVERY_MS);
  stream.on('resize', paint);
  return () => {
    clearInterval(timer);
    stream.off('resize', paint);
    process.off('exit', onExit);
    stream.write(LEAVE);
  };
}
