/** Times of certificates and collateral: whole seconds since 1970. The clock that they are held against has milliseconds and is passed in. */
import { PerigeeError } from '@perigee/wire';
import { type AttestCode, refuse } from './code.ts';

/** Last millisecond that ECMAScript has a date for. */
const LAST_TIME = 8.64e15;

/** @param time milliseconds since 1970 @throws INVALID_ARGUMENT, also for what is no number, which would lie in every period */
export function checkTime(time: number): void {
  if (!(time >= 0 && time <= LAST_TIME))
    throw new PerigeeError('INVALID_ARGUMENT', `time ${time} is not milliseconds since 1970`);
}

/**
 * @param text such as `2025-06-19T10:16:03Z`
 * @param code what a bad one is
 * @throws ATTESTATION
 */
export function secondsOf(text: string, code: AttestCode): number {
  const ms = Date.parse(text);
  // going back tells February 30, 24:00 and every other form from this one
  if (Number.isNaN(ms) || dateOf(ms / 1000) !== text) throw refuse(code, `"${text.slice(0, 40)}" is no time`);
  return ms / 1000;
}

/**
 * Whether a time lies in a period, in whole seconds, both ends inside.
 *
 * @param from seconds since 1970
 * @param time milliseconds since 1970
 * @throws ATTESTATION (NOT_YET_VALID, EXPIRED)
 */
export function checkPeriod(from: number, to: number, time: number, what: string): void {
  const now = Math.floor(time / 1000);
  if (now < from) throw refuse('NOT_YET_VALID', `${what} is valid only from ${dateOf(from)} on, and it is ${dateOf(now)}`);
  if (now > to) throw refuse('EXPIRED', `${what} expired at ${dateOf(to)}, and it is ${dateOf(now)}`);
}

/** @param seconds since 1970, of a year that has four digits or a date at all */
export function dateOf(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`;
}
