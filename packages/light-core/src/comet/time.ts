/** Header and vote times. They have nanoseconds, which a `Date` and a `number` of milliseconds lose, so they are compared as bigint. */
import { PerigeeError, type Timestamp } from '@perigee/wire';

const NANOS = 1_000_000_000n;

/** Go's zero time, year 1: the time of a vote that is absent. */
export const ZERO_TIME: Timestamp = { seconds: -62_135_596_800, nanos: 0 };
/** First second of the year 10000, where protobuf and RFC 3339 end. */
const END_SECONDS = 253_402_300_800;

/** Nanoseconds since 1970. */
export function unixNanos(time: Timestamp): bigint {
  return BigInt(time.seconds) * NANOS + BigInt(time.nanos);
}

/** Milliseconds since 1970, rounded down: for people and local clocks, not for comparing headers. */
export function unixMs(time: Timestamp): number {
  return time.seconds * 1000 + Math.floor(time.nanos / 1_000_000);
}

/** @param ms milliseconds since 1970, whole */
export function timestampOfMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: (ms - seconds * 1000) * 1_000_000 };
}

/** Whether protobuf's Timestamp can hold it: years 1 to 9999, 0 to 999,999,999 nanoseconds. */
export function isTimestamp(time: Timestamp): boolean {
  return time.seconds >= ZERO_TIME.seconds && time.seconds < END_SECONDS && time.nanos >= 0 && time.nanos < 1_000_000_000;
}

/**
 * @param text RFC 3339 in UTC with up to nine digits of a second, as CometBFT's JSON has it
 * @throws PARSE
 */
export function parseTime(text: string): Timestamp {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  // whole seconds pass through Date unharmed; going back tells February 30 and 24:00 from real dates
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}Z`);
  if (match === null || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== match[1]) {
    throw new PerigeeError('PARSE', `"${text.slice(0, 40)}" is not a time such as 2026-11-23T08:00:00.123456789Z`);
  }
  return { seconds: ms / 1000, nanos: Number((match[2] ?? '').padEnd(9, '0')) };
}

/** RFC 3339 in UTC, with no more digits of a second than needed. */
export function formatTime(time: Timestamp): string {
  const whole = new Date(time.seconds * 1000).toISOString().slice(0, 19);
  const fraction = String(time.nanos).padStart(9, '0').replace(/0+$/, '');
  return fraction === '' ? `${whole}Z` : `${whole}.${fraction}Z`;
}
