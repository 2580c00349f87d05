/** Bounds of the interface for Ethereum's clients, each with its unit and the attack that it stops. */

/** Blocks that one `eth_getLogs` looks through: each is read whole. 0G's own nodes ask for 999 at a time. */
export const MAX_LOG_BLOCKS = 1_000;
/** Logs in one answer, where more than one block was asked for. */
export const MAX_LOGS = 4_096;
/** Addresses, topics, and alternatives for one topic, in a filter: each log is compared with all of them. */
export const MAX_LOG_ALTERNATIVES = 64;
/** Blocks, and percentiles of rewards, of one `eth_feeHistory`. */
export const MAX_FEE_HISTORY_BLOCKS = 128;
export const MAX_FEE_PERCENTILES = 64;
/** Transactions of a block that is told with them in full: who signed each is found in about a millisecond. */
export const MAX_FULL_TXS = 2_048;
/** Calls that read many blocks, or many signatures, at once; more are refused: they would hold up all others. */
export const MAX_HEAVY_ETHEREUM_CALLS = 4;
/** Blocks that are kept as they were read, and transactions whose signers are. */
export const MAX_CACHED_ETHEREUM_BLOCKS = 8;
export const MAX_CACHED_SIGNERS = 8_192;
/** Transactions handed in here that are shown while they wait, and bytes of them. */
export const MAX_WAITING_ETHEREUM_TXS = 1_024;
export const MAX_WAITING_ETHEREUM_BYTES = 8 * 1024 * 1024;
