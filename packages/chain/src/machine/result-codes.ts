import { type ErrorCode, PerigeeError } from '@perigee/wire';

/**
 * Numbers of results in blocks (`last_results_hash` covers them): final once used, a new refusal takes a new number. What is not here is
 * no refusal of a transaction but a failure of the node, and stops it.
 */
export const RESULT_CODE = {
  // the transaction cannot be charged to anyone: it does nothing
  TX_SIZE: 1,
  PARSE: 2,
  NOT_CANONICAL: 3,
  TX_VERSION: 4,
  TX_CHAIN: 5,
  TX_SENDER: 6,
  TX_AUTH: 7,
  TX_NONCE: 8,
  TX_EXPIRED: 9,
  TX_FEE: 10,
  // a message failed: fee and nonce are taken, all messages are undone; where gas used is 0, TX_MESSAGE says that it could not be read
  TX_MESSAGE: 20,
  COMMITTEE: 21,
  CERTIFICATE: 22,
  QUORUM: 23,
  SIGNATURE: 24,
  BLOB_VERSION: 25,
  BLOB_LENGTH: 26,
  BLOB_GEOMETRY: 27,
  // only in answers of a mempool and to queries, never in a block
  BUSY: 100,
  NOT_FOUND: 101,
  PRUNED: 102,
  INVALID_ARGUMENT: 103,
} as const satisfies Partial<Record<ErrorCode, number>>;

/** Why the evidence of a registration is refused (ATTESTATION), by the check in its data; what is not named has the number of `evidence`. */
export const ATTESTATION_RESULT = {
  evidence: 28,
  SIMULATED: 29,
  BOUND_BLOCK: 30,
  REPORT_DATA: 31,
  EXPIRED: 32,
  DEBUG: 33,
  ROLLBACK: 34,
  /** The signing key did not sign for its registration. */
  POSSESSION: 35,
} as const;

/** Why a receipt is not settled (ORDER, RECEIPT), by the check in its data; what is not named has the number of `form`. */
export const RECEIPT_RESULT = {
  form: 40,
  /** The payer that the order names did not sign it: it was invented, or changed. */
  payer: 41,
  /** For another chain. */
  chain: 42,
  /** The registered key did not sign the checkpoint. */
  signature: 43,
  /** The key is not registered, or by another account; or the order is for another provider. */
  provider: 44,
  /** The registration has expired. */
  expired: 45,
  model: 46,
  /** No block of this height may settle the order. */
  expiry: 47,
  /** Above what the order allows, or less than what was paid before. */
  fee: 48,
  /** The payer has paid for this nonce. */
  nonce: 49,
  /** A later checkpoint was settled. */
  sequence: 50,
  cap: 51,
  balance: 52,
  /** A key signed that the payer does not let spend what it has prepaid. */
  session: 53,
  /** What opens the receipt of a report does not. */
  content: 54,
} as const;

/** Last number that a transaction can have which is charged and fails. */
export const LAST_CHARGED = 99;

/** @returns the number of a refusal, `undefined` for what is not one */
export function resultCodeOf({ code, data }: PerigeeError): number | undefined {
  const check = String(data?.check);
  if (code === 'ATTESTATION')
    return (ATTESTATION_RESULT as Partial<Record<string, number>>)[check] ?? ATTESTATION_RESULT.evidence;
  if (code === 'ORDER' || code === 'RECEIPT')
    return (RECEIPT_RESULT as Partial<Record<string, number>>)[check] ?? RECEIPT_RESULT.form;
  return (RESULT_CODE as Partial<Record<ErrorCode, number>>)[code];
}

/** The refusal of a claim and its number. What is no refusal is thrown on: it is a failure of this node. */
export function refusalOf(error: unknown): { readonly code: number; readonly refusal: PerigeeError } {
  const code =
    error instanceof PerigeeError && (error.code === 'ORDER' || error.code === 'RECEIPT') ? resultCodeOf(error) : undefined;
  if (code === undefined) throw error;
  return { code, refusal: error as PerigeeError };
}
