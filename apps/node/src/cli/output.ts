import { PerigeeError } from '@perigee/wire';
import { printable } from './printable.ts';
import { plainError } from './system-error.ts';

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Output {
  readonly json: boolean;
  /** The result: the object with `--json`, else the lines. */
  result(value: object, lines: readonly string[]): void;
  /** A piece of a result that is text and comes bit by bit; silent with `--json`. */
  text(piece: string): void;
  /** A plain line of progress; silent with `--json`. */
  progress(line: string): void;
  /** How far something has come: drawn over the one before on a terminal; elsewhere `milestone`, a line whenever it changes. */
  update(text: string, milestone: string): void;
  /** A machine-readable line that a parent process waits for: `READY {…}`. */
  ready(value: object): void;
  error(error: PerigeeError): void;
}

/**
 * Whoever reads us may go (`| head`, a parent that was killed), or the disk that we are written to may be full: what we do goes on without being heard.
 *
 * @returns why results could not be written, once that is so: a command whose result is lost has not succeeded; nothing for a reader that has gone
 */
export function surviveLostOutput(): () => PerigeeError | undefined {
  let lost: PerigeeError | undefined;
  process.stderr.on('error', () => {}); // nobody is left to tell
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') return;
    const { code, message } = plainError(cause);
    lost ??= new PerigeeError(code, `standard output cannot be written: ${message}`, { cause });
  });
  return () => lost;
}

const CLEAR = '\r\u001b[K';

export function createOutput(json: boolean): Output {
  let isDrawn = false;
  let milestoneBefore = '';
  const line = (stream: NodeJS.WriteStream, text: string): void => {
    if (isDrawn) process.stderr.write(CLEAR);
    isDrawn = false;
    stream.write(`${text}\n`);
  };
  return {
    json,
    result(value, lines) {
      if (json) line(process.stdout, JSON.stringify(value));
      else for (const text of lines) line(process.stdout, printable(text));
    },
    text(piece) {
      if (json) return;
      if (isDrawn) process.stderr.write(CLEAR);
      isDrawn = false;
      process.stdout.write(piece.split('\n').map(printable).join('\n'));
    },
    progress(text) {
      if (!json) line(process.stderr, printable(text));
    },
    update(text, milestone) {
      if (json) return;
      if (process.stderr.isTTY) {
        process.stderr.write(`${CLEAR}${printable(text).slice(0, process.stderr.columns - 1)}`);
        isDrawn = true;
      } else if (milestone !== milestoneBefore) {
        milestoneBefore = milestone;
        line(process.stderr, printable(milestone));
      }
    },
    ready: (value) => line(process.stdout, `READY ${JSON.stringify(value)}`),
    error: (error) =>
      line(
        process.stderr,
        json ? JSON.stringify({ error: error.toObject() }) : `perigee: ${printable(error.message)} [${error.code}]`,
      ),
  };
}
