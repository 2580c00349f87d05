/** Bounds of how holders of stored files are found (docs/storage.md, "Finding holders"), each with its unit and the attack that it stops. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Form of a provider record. */
export const PROVIDER_VERSION = 1;
/** How long an announcement holds, milliseconds: a node that left is listed no longer than that. */
export const PROVIDER_LIFETIME_MS = 24 * HOUR_MS;
/** An announcement that ends later than this after its lifetime is refused, milliseconds: so much do clocks differ. */
export const PROVIDER_CLOCK_SKEW_MS = 10 * MINUTE_MS;
/** Time between two announcements of the same file, milliseconds: three may be missed. */
export const PROVIDER_RENEW_MS = 6 * HOUR_MS;
/** Time between two looks at whether it is time to announce, milliseconds. */
export const PROVIDER_LOOK_MS = 5_000;
/** Nodes that an announcement is put at: those closest to the file. */
export const PROVIDER_REPLICAS = 8;
/** Files that are announced side by side. */
export const MAX_ANNOUNCES_AT_ONCE = 4;
/** Files that wait to be announced because they have just come; later ones are left to the next round. */
export const MAX_ANNOUNCES_WAITING = 1_024;
/** Nodes that are kept for one file: one who makes up nodes must not fill the memory with them. */
export const MAX_PROVIDERS_PER_FILE = 32;
/** Announcements that are kept, all together, and those of one node. */
export const MAX_PROVIDER_RECORDS = 65_536;
export const MAX_PROVIDER_RECORDS_PER_PEER = 16_384;
/** Times that a node may announce what it has not, by what it is found out: then it is not heard again. */
export const MAX_PROVIDER_STRIKES = 2;
/** Nodes that a search puts to the proof: those that most know of come first. */
export const MAX_PROVIDERS_FOUND = 64;
/** Searches that a node does at once for others; more are BUSY: each asks many nodes. */
export const MAX_PROVIDER_SEARCHES = 8;
/** Time that a search may take, milliseconds. */
export const PROVIDER_SEARCH_MS = 10_000;
/** What a search came to is believed for so long, milliseconds, and for so many files. */
export const PROVIDER_SEARCH_KEPT_MS = 10_000;
export const MAX_PROVIDER_SEARCHES_KEPT = 1_024;
/** Nodes that are put to the proof side by side: each gives a segment. */
export const MAX_PROVIDER_PROOFS_AT_ONCE = 4;
/** Time that a node has to prove that it holds a file, milliseconds. */
export const PROVIDER_PROOF_MS = 5_000;
/** Bytes of one stream of Kademlia, in each direction: its messages name twenty peers at most. */
export const MAX_KAD_STREAM_BYTES = 64 * 1_024;
/** Questions of Kademlia that one peer may put at once and in a second. */
export const MAX_KAD_STREAMS_PER_PEER = 16;
export const MAX_KAD_REQUESTS_PER_SECOND = 50;
/** Peers whose addresses are remembered for Kademlia; the one that was of use longest ago goes first. */
export const MAX_KAD_PEERS = 1_024;
/** Peers near a file that a walk comes to: Kademlia's k. */
export const KAD_CLOSEST = 20;
/** Peers that the answers of one walk name and that are looked at: what is made up must not fill the memory. */
export const MAX_KAD_NAMED = 512;
/** Walks that are made until nobody near is left who was not asked. */
export const MAX_KAD_ROUNDS = 4;
/** Time that a node takes to find those who are close to it, milliseconds. */
export const KAD_JOIN_MS = 30_000;
/** Time that a peer has to be there, milliseconds. */
export const KAD_PING_MS = 3_000;
