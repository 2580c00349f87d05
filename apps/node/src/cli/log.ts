import { type Logger, pino } from 'pino';
import { printable } from './printable.ts';

export type { Logger } from 'pino';

/** Fields of a line that are not shown as `name=value`. */
const SHOWN_APART = new Set(['level', 'time', 'msg']);

/** A log of JSON lines on standard error; of plain lines where that is a terminal. */
export function createLog(level = 'info', stream: NodeJS.WriteStream = process.stderr): Logger {
  const write = stream.isTTY
    ? (line: string) => void stream.write(`${plainLine(line)}\n`)
    : (line: string) => void stream.write(line);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, { write });
}

/** Passes a line of another process's log on, as a line of this one. */
export function relay(log: Logger, line: string): void {
  const fields = parseLine(line);
  if (fields === undefined) log.info(line);
  else {
    const { level, time: _, msg, ...rest } = fields;
    const write = level === 'error' || level === 'warn' || level === 'debug' || level === 'trace' ? level : 'info';
    log[write](rest, typeof msg === 'string' ? msg : '');
  }
}

function plainLine(line: string): string {
  const fields = parseLine(line);
  if (fields === undefined) return printable(line);
  const time = String(fields.time).slice(11, 19);
  const level = fields.level === 'info' ? '' : `${String(fields.level)}: `;
  const rest = Object.entries(fields)
    .filter(([name]) => !SHOWN_APART.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  return printable(`${time} ${level}${String(fields.msg ?? '')}${rest.join('')}`);
}

function parseLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
