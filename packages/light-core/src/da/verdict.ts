import { type ErrorCode, equal, PerigeeError, toHex } from '@perigee/wire';

/**
 * What became of a row that was asked for (PROTOCOL §4).
 *
 * - `verified`: path and coding hold.
 * - `withheld`: an assigned signer refused before expiry and no other holder gave it.
 * - `timeout`: nobody answered in time.
 * - `invalid/peer`: the path is wrong; its sender is at fault. Local evidence, the sender is banned.
 * - `invalid/encoding`: the path is right and the coding wrong. Evidence against the blob and its signers that can be handed on;
 *   the sender only relayed it.
 */
export type RowVerdict = 'verified' | 'withheld' | 'timeout' | 'invalid/peer' | 'invalid/encoding';

/**
 * Verdict over a row that the codec looked at.
 *
 * @param code what `verifyRow` threw, `undefined` when the row holds
 * @throws INVALID_ARGUMENT for a code that says nothing about the row (the blob was freed, no memory): such a row has no verdict yet
 */
export function verdictOf(code: ErrorCode | undefined): 'verified' | 'invalid/peer' | 'invalid/encoding' {
  switch (code) {
    case undefined:
      return 'verified';
    case 'ROW_RLC':
      return 'invalid/encoding';
    case 'ROW_PATH':
    case 'ROW_SIZE':
    case 'ROW_INDEX':
      return 'invalid/peer';
    default:
      throw new PerigeeError('INVALID_ARGUMENT', `${code} is not a finding about a row`);
  }
}

/**
 * Judge a prime whose (rowRoot, rlcOriginal) hashes to the commitment, which is for the codec to find out (`COMMITMENT_MISMATCH`: its
 * sender is at fault). With another rowRoot than the record's, two different pairs hash to what the signers certified as one blob:
 * evidence against them, `badEncoding`.
 *
 * @throws ROW_ROOT_MISMATCH
 */
export function checkPrimeRowRoot(recordRowRoot: Uint8Array, primeRowRoot: Uint8Array): void {
  if (equal(recordRowRoot, primeRowRoot)) return;
  throw new PerigeeError(
    'ROW_ROOT_MISMATCH',
    `the blob's commitment holds row root ${toHex(primeRowRoot)}, its record says ${toHex(recordRowRoot)}: signed by those who never checked it`,
  );
}
