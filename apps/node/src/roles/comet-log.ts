import type { Logger } from '../cli/log.ts';

/** Longest text of one field that is passed on, characters: CometBFT writes whole blocks and stacks. */
const MAX_FIELD = 1_000;

/** Passes a line of CometBFT's log on. What its own peers do wrong is nobody's business by default. */
export function logCometLine(log: Logger, line: string): void {
  const { level, _msg: message, ts: _, module, ...rest } = parse(line);
  const fields = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, cut(value)]));
  const write = level === 'info' ? 'info' : level === 'debug' || module === 'p2p' || module === 'pex' ? 'debug' : 'warn';
  log[write]({ cometbft: module ?? true, ...fields }, String(cut(message ?? line)));
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // the last words of one that does not start are plain
  }
  return {};
}

function cut(value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, MAX_FIELD) : value;
}
