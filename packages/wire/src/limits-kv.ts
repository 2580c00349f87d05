/** Key-value streams (PROTOCOL §8). */
const KIB = 1024;
const MIB = 1024 * KIB;

/** Stream data that a block executes, bytes: longer data would not fit a transaction. */
export const MAX_KV_DATA_BYTES = 256 * KIB;
/** Stream data of one block, bytes: each write is a walk down the tree, and every node of the chain keeps what comes of it. */
export const MAX_KV_BLOCK_BYTES = MIB;
/** A key, and a value, bytes: larger values are roots of files. */
export const MAX_KV_KEY_BYTES = KIB;
export const MAX_KV_VALUE_BYTES = 64 * KIB;
/** Reads, writes, and changes of rights, of one piece of stream data, each. */
export const MAX_KV_ENTRIES = 1_024;
/** Streams that one submission names: what fits its tags beside their domain. */
export const MAX_KV_STREAMS = 31;
/** Blocks in which the data of a submission must come: what waits for it must not wait for ever. */
export const KV_DATA_WITHIN_BLOCKS = 1_000;
/** Submissions that a block looks at for data that never came. */
export const MAX_KV_DUE_PER_BLOCK = 4_096;
/** Keys that one request asks to be proved, and changed keys in one frame. */
export const MAX_KV_KEYS_PER_REQUEST = 64;
/** Heights without a change after which a subscriber is told how far it is: so it never has to begin again far back. */
export const KV_PROGRESS_HEIGHTS = 10;
/** Subscriptions that a node serves at once, and those of one peer: each looks at every block. */
export const MAX_KV_SUBSCRIPTIONS = 256;
export const MAX_KV_SUBSCRIPTIONS_PER_PEER = 4;
/** Bytes of a value that a client of 0G's KV node asks for at once (its bound). */
export const MAX_KV_QUERY_BYTES = 256 * KIB;
/** Steps back in time, and numbers looked through, to answer one question about an earlier version: each is a walk down the tree. */
export const MAX_KV_HISTORY_STEPS = 64;
/** Streams that are listed at once. */
export const MAX_KV_LISTED_STREAMS = 1_024;
/** Submissions looked through at once to tell how far writes are decided. */
export const MAX_KV_PROGRESS_STEPS = 4_096;
/** Writes to streams whose data a node still looks out for, and those that it brings at one head: each is a transaction that it waits for. */
export const MAX_KV_WAITING_POSTS = 4_096;
export const MAX_KV_POSTS_PER_HEAD = 16;
/** Times that the data of one write is brought: what is refused so often is not the chain's. */
export const MAX_KV_POST_TRIES = 3;
/** A subscription that says nothing for this long is made anew, milliseconds: each KV_PROGRESS_HEIGHTS heights it should. */
export const KV_WATCH_SILENCE_MS = 120_000;
/** How long the header that proves a change is waited for, milliseconds: a peer may tell of heights that the chain does not have. */
export const KV_HEAD_PATIENCE_MS = 30_000;
/** What a device keeps of streams in memory, and on disk, bytes; what was read longest ago goes first. */
export const KV_CACHE_MEMORY_BYTES = 8 * MIB;
export const KV_CACHE_STORE_BYTES = 32 * MIB;
/** Entries that wait to be written to the device: past it they are not kept. */
export const MAX_KV_CACHE_WRITES = 4_096;
/** What became of a write, bytes of its words: the longest names an operation, a stream, 32 characters of a key and an account. */
export const MAX_KV_RESULT_BYTES = 512;
