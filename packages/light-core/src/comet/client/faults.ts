import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** What a provider that is wrong or lies leads to. */
const FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PARSE',
  'NOT_CANONICAL',
  'FRAME_TOO_LARGE',
  'WRONG_CHAIN',
  'TRUST_ROOT',
  'HEADER',
  'HEADER_HASH',
  'HEADER_TIME',
  'VALIDATOR_SET',
  'COMMIT',
  'SIGNATURE',
  'NOT_ENOUGH_POWER',
]);

/** What one leads to that did not speak: it may be kept from it. */
const CUT_OFF: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNREACHABLE', 'TIMEOUT', 'BUSY', 'STREAM_CLOSED']);

/** What one that has no answer leads to. */
const SILENCES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...CUT_OFF,
  'NOT_FOUND',
  'PRUNED',
  'REFUSED',
  'HEADER_FUTURE', // or our clock is wrong: then nobody does better, and it is thrown all the same
  'UNSUPPORTED',
]);

/** Whose an error of a provider's answer is: it was wrong (`fault`), had nothing to say (`silence`), or neither: another one would not do better. */
export function blameOf(thrown: unknown): 'fault' | 'silence' | 'ours' {
  if (!(thrown instanceof PerigeeError)) return 'ours';
  if (FAULTS.has(thrown.code)) return 'fault';
  return SILENCES.has(thrown.code) ? 'silence' : 'ours';
}

/** Whether a provider did not even say that it has no answer. */
export function isCutOff(thrown: unknown): boolean {
  return thrown instanceof PerigeeError && CUT_OFF.has(thrown.code);
}
