/** What a chain takes of the compute layer: providers, prepaid balances and settled receipts (PROTOCOL §9). */

const KIB = 1024;

/** Collateral in a registration, bytes: Intel's has 20 KiB, and what is longer would fill blocks at the price of one check. */
export const MAX_REGISTERED_COLLATERAL_BYTES = 64 * KIB;
/** Evidence in a registration, bytes, certificates included. */
export const MAX_REGISTERED_EVIDENCE_BYTES = 32 * KIB;
export const RECEIPT_GROUNDS_VERSION = 1;
/** Evidence and collateral in a file with a receipt, and what they bind, bytes. */
export const MAX_RECEIPT_GROUNDS_BYTES = MAX_REGISTERED_EVIDENCE_BYTES + MAX_REGISTERED_COLLATERAL_BYTES + KIB;
/** Registrations of a block: each costs every node some 30 signatures of NIST's curves, 0.1 s of noble. */
export const MAX_REGISTRATIONS_PER_BLOCK = 4;
/** Registrations of one provider: settling looks each up, and a provider's record names them all. */
export const MAX_REGISTRATIONS_PER_PROVIDER = 16;
/** Blocks back that evidence may have been bound to: older evidence may be of a machine that was taken over since. */
export const MAX_BOUND_BLOCK_AGE = 600;
/** Addresses of a provider, and characters of each: every client that lists providers reads them. */
export const MAX_PROVIDER_ENDPOINTS = 4;
export const MAX_PROVIDER_ENDPOINT_CHARACTERS = 256;
/** Longest unbonding of a provider's stake and unlocking of a prepaid balance, blocks. */
export const MAX_COMPUTE_UNBONDING_BLOCKS = 10_000_000;
/** Withdrawals of one account under way. */
export const MAX_COMPUTE_WITHDRAWALS = 16;
/** Providers that one payer has set a cap for, and caps in one message: an account's record is read with each receipt of it. */
export const MAX_PROVIDER_CAPS = 64;
export const MAX_CAPS_PER_MESSAGE = 16;
/** Session keys whose orders may take of a balance, those included that have ended and whose orders may still be settled. */
export const MAX_ORDER_SESSIONS = 32;
/** Claims in one message: two signatures each. */
export const MAX_CLAIMS_PER_SETTLEMENT = 128;
/** Settlements whose records end at one height: what is forgotten in a block is bounded. */
export const MAX_SETTLEMENTS_PER_HEIGHT = 64;
/** What an auditor says of a receipt, and the bytes that open its hashes. */
export const MAX_REPORT_OPENING_BYTES = 64 * KIB;
