import { printable } from '../cli/printable.ts';

export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn';

/** A line of a screen: texts side by side, each in one style. */
export type Line = readonly (readonly [text: string, style?: Style])[];

const CODES: Readonly<Record<Style, string>> = { plain: '', bold: '1', dim: '2', good: '32', bad: '31', warn: '33' };

/** A line as it is written, at most `columns` wide; what strangers named does nothing to the terminal. */
export function render(line: Line, columns: number, isColoured: boolean): string {
  let room = columns;
  let written = '';
  for (const [text, style = 'plain'] of line) {
    const shown = fit(printable(text), room);
    room -= [...shown].length;
    const code = isColoured ? CODES[style] : '';
    written += code === '' ? shown : `\u001b[${code}m${shown}\u001b[0m`;
  }
  return written;
}

function fit(text: string, room: number): string {
  const characters = [...text];
  if (characters.length <= room) return text;
  return room < 1 ? '' : `${characters.slice(0, room - 1).join('')}…`;
}
