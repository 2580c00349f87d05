import type { PerigeeError } from '@perigee/wire';

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Output {
  readonly json: boolean;
  /** The result: the object with `--json`, else the lines. */
  result(value: object, lines: readonly string[]): void;
  /** A plain line of progress; silent with `--json`. */
  progress(line: string): void;
  /** A machine-readable line that a parent process waits for: `READY {…}`. */
  ready(value: object): void;
  error(error: PerigeeError): void;
}

export function createOutput(json: boolean): Output {
  for (const stream of [process.stdout, process.stderr]) {
    // who read us has gone (`| head`, a parent that was killed): what we do goes on without being heard
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const line = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`);
  return {
    json,
    result: (value, lines) =>
      json ? line(process.stdout, JSON.stringify(value)) : lines.forEach((text) => void line(process.stdout, text)),
    progress: (text) => {
      if (!json) line(process.stderr, text);
    },
    ready: (value) => line(process.stdout, `READY ${JSON.stringify(value)}`),
    error: (error) =>
      line(process.stderr, json ? JSON.stringify({ error: error.toObject() }) : `perigee: ${error.message} [${error.code}]`),
  };
}
