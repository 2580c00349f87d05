/** Bounds of what nodes that store files do for each other and for the chain (docs/storage.md), each with its unit and the attack that it stops. */

/** Files that a node fetches at once: one that nobody has must not keep others waiting. */
export const MAX_SYNC_FILES = 8;
/** Segments that are on their way at once, from all peers together: 16 MiB of memory. */
export const MAX_SYNC_SEGMENTS = 64;
/** Segments of a file that are looked at ahead: peers that lack the first ones must not stop the rest. */
export const SYNC_LOOKAHEAD_SEGMENTS = 64;
/** Segments of a file that nobody has, after which the rest is left to a later try. */
export const MAX_SYNC_UNAVAILABLE = 64;
/** Unfinished files that are looked at in one round. */
export const SYNC_WINDOW_FILES = 256;
/** Files whose next try is remembered; the oldest are forgotten, and tried again at once. */
export const MAX_SYNC_WAITS = 4_096;
/** Time that whoever uploads a new file has for each next segment before it is fetched from others, milliseconds. */
export const SYNC_PATIENCE_MS = 5_000;
/** A request that has brought nothing for so long is made to another peer too, milliseconds: one that stalls must not hold up a file. */
export const SYNC_HEDGE_MS = 2_000;
/** Time between two looks at what is missing, milliseconds. */
export const SYNC_LOOK_MS = 200;
/** Time until a file is tried again that nobody had, milliseconds; it doubles up to the second. */
export const SYNC_RETRY_MS = 2_000;
export const SYNC_RETRY_MAX_MS = 300_000;
/** Time until a peer is asked again that failed, milliseconds; it doubles up to the second. */
export const SYNC_PEER_PAUSE_MS = 1_000;
export const SYNC_PEER_PAUSE_MAX_MS = 60_000;

/** Proofs of sectors that a node makes at once; more are BUSY: each reads and hashes a segment. */
export const MAX_SECTOR_PROOFS = 8;
