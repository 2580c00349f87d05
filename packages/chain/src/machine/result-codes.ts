import type { ErrorCode } from '@perigee/wire';

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

/** @returns the number of a refusal, `undefined` for what is not one */
export function resultCodeOf(code: ErrorCode): number | undefined {
  return (RESULT_CODE as Partial<Record<ErrorCode, number>>)[code];
}
