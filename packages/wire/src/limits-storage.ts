/** Stored files (docs/storage.md; the first four are 0G Storage's). */
const KIB = 1024;
const MIB = 1024 * KIB;

/** A file is hashed and paid for by sectors of this size, bytes. */
export const FILE_CHUNK_BYTES = 256;
/** Chunks that are stored, moved and proved together. */
export const FILE_SEGMENT_CHUNKS = 1_024;
export const FILE_SEGMENT_BYTES = FILE_CHUNK_BYTES * FILE_SEGMENT_CHUNKS;
/** Subtrees that a submission names: their heights fall strictly, by less than four from first to last. */
export const MAX_SUBMISSION_NODES = 4;
/** Longest file, bytes (4 TiB): sums of sectors stay exact, and a proof short. Longer ones are stored in parts. */
export const MAX_FILE_BYTES = 2 ** 42;
/** Height of the largest subtree of a submission: its chunks are a file's at most. */
export const MAX_SUBMISSION_HEIGHT = 34;
/** Sectors of the flow: positions stay whole numbers that a double holds. */
export const MAX_FLOW_SECTORS = 2 ** 52;
/** Height of the flow's tree at that length. */
export const MAX_FLOW_DEPTH = 52;
/** Siblings of a segment in its file: log2 of the segments of the longest. Bounds a proof before it is read. */
export const MAX_SEGMENT_PATH = 24;
/** Tags of a file, bytes: the state keeps them. A write of key-value data names its streams there. */
export const MAX_FILE_TAGS_BYTES = KIB;
/** Segments that one request asks for: 1 MiB, as of rows, because some transports cannot push back. */
export const MAX_SEGMENTS_PER_REQUEST = 4;
/** Shards that a node may name one of: bounds the work of choosing nodes. */
export const MAX_FILE_SHARDS = 65_536;
/** Address of the HTTP interface that a node which stores files announces, bytes of UTF-8: it is handed on to whoever asks. */
export const MAX_STORAGE_URL_BYTES = 256;
/** Uploads of files that a node has open, and those of one peer: each holds room on the disk. */
export const MAX_OPEN_FILE_UPLOADS = 64;
export const MAX_OPEN_FILE_UPLOADS_PER_PEER = 8;
/** Room on the disk that an upload holds ahead of what it has brought, bytes: whoever only announces must not fill the budget. */
export const FILE_UPLOAD_AHEAD_BYTES = 64 * MIB;
/** An upload of a file in which nothing moves gives its room back, milliseconds. What came stays. */
export const FILE_UPLOAD_IDLE_MS = 60_000;
/** A file that comes before its submission: bytes of it (0G's bound), and how long it waits, milliseconds. */
export const MAX_WAITING_FILE_BYTES = 10 * MIB;
export const WAITING_FILE_MS = 600_000;
/** Such files, their bytes in memory, and those that one peer brought: nobody has paid for them. */
export const MAX_WAITING_FILES = 256;
export const MAX_WAITING_FILES_BYTES = 64 * MIB;
export const MAX_WAITING_BYTES_PER_PEER = 16 * MIB;
/** Questions about submissions that a node asks the state at one head: the rest is left to the next. */
export const MAX_FILE_QUESTIONS_PER_HEAD = 256;
/** Requests for segments that a node answers at once; more are BUSY: each has a file open and up to a segment in memory. */
export const MAX_SEGMENT_REQUESTS = 64;
