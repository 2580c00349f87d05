/** Bounds of the HTTP interface that clients of 0G Storage speak (docs/storage.md); those of the protocols are in `limits-storage.ts`. */
import { FILE_SEGMENT_BYTES } from './limits-storage.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** The longest body of a request, bytes (0G's own bound): a call may bring many segments. */
export const MAX_HTTP_BODY_BYTES = 100 * MIB;
/** Bodies up to this are read at once; there is one a connection at most. */
export const SMALL_HTTP_BODY_BYTES = 16 * KIB;
/** Longer bodies that are in memory together, and those of one address: a few long ones must not fill it. The others wait. */
export const MAX_HTTP_BODIES_BYTES = 256 * MIB;
export const MAX_HTTP_BODIES_BYTES_PER_ADDRESS = 128 * MIB;
/** A body that waits for room this long is refused, milliseconds: clients give up after 30 seconds and come again. */
export const HTTP_BODY_WAIT_MS = 20_000;
/** Time that a body may take, milliseconds, and bytes a second that it must come with besides: one that trickles holds what it was given. */
export const HTTP_BODY_MS = 10_000;
export const MIN_HTTP_BODY_BYTES_PER_SECOND = 256 * KIB;
/** Headers of a request that have not come in this time do not come, milliseconds. */
export const HTTP_HEADERS_MS = 10_000;
/** An answer of which nothing is taken for so long is ended, milliseconds. */
export const HTTP_STALL_MS = 30_000;
/** A connection without a request is closed after so long, milliseconds. */
export const HTTP_KEEP_ALIVE_MS = 15_000;
/** Connections at once: clients send the segments of a file all at the same time. */
export const MAX_HTTP_CONNECTIONS = 4_096;
/** Calls of one kind that are worked on at once, and those of one address; the others wait in the order in which they came. Each kind has its own: those that wait for other nodes must not hold up those that do not. */
export const MAX_HTTP_RUNNING = 64;
export const MAX_HTTP_RUNNING_PER_ADDRESS = 48;
/** Calls of one batch. */
export const MAX_HTTP_BATCH = 100;
/** Answers to the calls of a batch, bytes: what comes past them is refused. */
export const MAX_HTTP_BATCH_ANSWER_BYTES = 8 * MIB;
/** Answers that were made and not taken yet, bytes, all together: who never reads must not fill the memory. */
export const MAX_HTTP_ANSWERS_BYTES = 128 * MIB;
/** Nesting of a call, and its strings, numbers, brackets and separators: a megabyte of brackets would become a gigabyte of lists. */
export const MAX_HTTP_JSON_DEPTH = 16;
export const MAX_HTTP_JSON_TOKENS = 1 << 17;
/** Segments that one call brings: the longest body has no more. */
export const MAX_HTTP_SEGMENTS = Math.ceil(MAX_HTTP_BODY_BYTES / FILE_SEGMENT_BYTES);
/** Calls that write segments at once (0G's bound); more are told to come again. */
export const MAX_HTTP_WRITINGS = 128;
/** Submissions that are remembered once they were proved. */
export const MAX_CACHED_SUBMISSIONS = 1_024;
/** Files that one request asks about. */
export const MAX_HTTP_FILES = 64;
/** Downloads of the gateway at once, and those of one address: each has some segments in memory. The others wait. */
export const MAX_HTTP_DOWNLOADS = 128;
export const MAX_HTTP_DOWNLOADS_PER_ADDRESS = 32;
/** Segments that the gateway fetches ahead of those that its client has taken, of one file. */
export const GATEWAY_AHEAD_SEGMENTS = 4;
/** A storage node that has not answered the gateway in this time is passed by, milliseconds; the next is asked beside it earlier. */
export const GATEWAY_TIMEOUT_MS = 10_000;
export const GATEWAY_HEDGE_MS = 750;
/** Nodes that one question is put to. */
export const MAX_GATEWAY_NODES = 64;
/** What was found out of who has a file is believed for so long, milliseconds, shorter while it is on its way, and for so many files. */
export const FILE_LOCATIONS_MS = 10_000;
export const OPEN_FILE_LOCATIONS_MS = 500;
export const MAX_CACHED_LOCATIONS = 1_024;
/** Path and query of a request, characters: the longest path in a folder has three for each of its bytes. */
export const MAX_HTTP_PATH_CHARACTERS = 4 * KIB;
/** List of a folder that the gateway reads, bytes, and those that it remembers: reading one holds up every other request. */
export const MAX_GATEWAY_MANIFEST_BYTES = 2 * MIB;
export const MAX_GATEWAY_MANIFESTS = 8;
/** Copies of every segment that a node offers to see to, for clients that do not divide a file themselves. */
export const MAX_NETWORK_COPIES = 4;
/** Segments of one call that are brought to other nodes side by side. */
export const NETWORK_WRITES_AT_ONCE = 4;
/** How long it is tried to bring a segment to a node that is busy, or behind the chain, milliseconds, and the time between two tries. */
export const NETWORK_WRITE_PATIENCE_MS = 10_000;
export const NETWORK_WRITE_AGAIN_MS = 250;
