import { PerigeeError } from '@perigee/wire';

/** A proof that is not in the one form that PROTOCOL §6 allows. */
export function refuse(what: string, cause?: unknown): PerigeeError {
  return new PerigeeError('PROOF', `state proof refused: ${what}`, cause === undefined ? {} : { cause });
}
