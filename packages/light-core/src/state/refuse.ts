import { equal, PerigeeError, toHex } from '@perigee/wire';

/** A proof that is not in the one form that PROTOCOL §6 allows. */
export function refuse(what: string, cause?: unknown): PerigeeError {
  return new PerigeeError('PROOF', `state proof refused: ${what}`, cause === undefined ? {} : { cause });
}

/** @throws PROOF_ROOT */
export function sameRoot(got: Uint8Array, expected: Uint8Array, what: string): void {
  if (!equal(got, expected)) {
    throw new PerigeeError('PROOF_ROOT', `state proof leads to ${toHex(got)}, but the ${what} is ${toHex(expected)}`);
  }
}
