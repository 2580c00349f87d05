import { PerigeeError } from '@perigee/wire';

/**
 * Why a check failed or could not be made: a closed set that programs may switch on. Which of a platform's checks it was is the check's name.
 */
export type AttestCode =
  // form
  | 'PARSE'
  | 'TOO_LARGE'
  | 'TRAILING_BYTES'
  | 'VERSION'
  | 'PLATFORM'
  | 'JSON'
  | 'DER'
  | 'PEM'
  // certificates, chains and revocation lists
  | 'CERTIFICATE'
  | 'KEY'
  | 'ALGORITHM'
  | 'CRITICAL_EXTENSION'
  | 'CHAIN_LENGTH'
  | 'CHAIN_NAME'
  | 'CHAIN_CA'
  | 'CHAIN_PATH_LENGTH'
  | 'CHAIN_KEY_USAGE'
  | 'ROOT'
  | 'SIGNATURE'
  | 'NOT_YET_VALID'
  | 'EXPIRED'
  | 'CRL'
  | 'REVOKED'
  // collateral
  | 'COLLATERAL_MISSING'
  | 'COLLATERAL'
  | 'ROLLBACK'
  // what the evidence says
  | 'BINDING'
  | 'IDENTITY'
  | 'DEBUG'
  | 'RESERVED'
  | 'ATTRIBUTES'
  | 'TCB_LEVEL'
  | 'TCB_STATUS'
  | 'ADVISORY'
  | 'MODULE'
  | 'MEASUREMENT'
  | 'REPORT_DATA'
  | 'NONCE'
  | 'EVENT_LOG'
  | 'POLICY'
  // why there is no verdict
  | 'NOT_ASKED'
  | 'DEPENDS'
  | 'INTERNAL';

/** A check that failed: what it looked at is not as it must be. Caught by `CheckList.run`; it does not leave this folder. */
export function refuse(code: AttestCode, sentence: string, cause?: unknown): PerigeeError {
  return attestError(code, sentence, 'fail', cause);
}

/** A check that could not be made: there is nothing to look at, or what it builds on failed. */
export function unchecked(code: AttestCode, sentence: string): PerigeeError {
  return attestError(code, sentence, 'notChecked');
}

/** What has not the form that it must have. */
export function malformed(code: AttestCode, what: string): PerigeeError {
  return refuse(code, `${what} is malformed`);
}

/** What is longer, deeper or more than it may be: refused before it is looked at. */
export function tooLarge(what: string): PerigeeError {
  return refuse('TOO_LARGE', `${what} is too large`);
}

/** A check that builds on others which did not pass. */
export function depends(...names: readonly string[]): PerigeeError {
  return unchecked('DEPENDS', `it builds on ${names.join(' and ')}, which did not pass`);
}

function attestError(check: AttestCode, sentence: string, verdict: string, cause?: unknown): PerigeeError {
  return new PerigeeError('ATTESTATION', sentence, { data: { check, verdict }, ...(cause === undefined ? {} : { cause }) });
}
