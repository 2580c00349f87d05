import { MAX_DAY_COUNT_BYTES, PerigeeError, utf8 } from '@perigee/wire';

const VERSION = 1;
const DAY_MS = 86_400_000;

/** Bytes that came and went on one day, UTC. */
export interface DayCount {
  /** Days since 1970. */
  readonly day: number;
  readonly bytes: number;
}

export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** Until the day after begins, milliseconds. */
export function restOfDay(ms: number): number {
  return (dayOf(ms) + 1) * DAY_MS - ms;
}

export function encodeDayCount({ day, bytes }: DayCount): Uint8Array {
  return utf8(JSON.stringify({ version: VERSION, day, bytes }));
}

/** @throws PARSE, UNKNOWN_VERSION */
export function decodeDayCount(kept: Uint8Array): DayCount {
  if (kept.length > MAX_DAY_COUNT_BYTES) throw wrong(`it has ${kept.length} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(kept));
  } catch (cause) {
    throw wrong('it is not JSON', cause);
  }
  const { version, day, bytes } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof version === 'number' && version > VERSION) {
    throw new PerigeeError('UNKNOWN_VERSION', `the count of a day's bytes has format ${version}, a later one than ${VERSION}`);
  }
  if (version !== VERSION || !isCount(day) || !isCount(bytes)) throw wrong('a field is not what it should be');
  return { day, bytes };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function wrong(why: string, cause?: unknown): PerigeeError {
  return new PerigeeError('PARSE', `the count of a day's bytes cannot be used: ${why}`, { cause });
}
