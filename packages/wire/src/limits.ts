/** Every bound of the protocol, with its unit and the attack that it stops; those of a part of its own are in `limits-*.ts`. A number that two implementations must share is in PROTOCOL. */

const KIB = 1024;
const MIB = 1024 * KIB;

// ── Blobs (PROTOCOL §1) ────────────────────────────────────────────────────────────────────────────────────────────
/** Version byte of a blob whose coding is rsema1d. */
export const BLOB_VERSION = 0;
/** Version byte and u32 big-endian length before the data, bytes. */
export const BLOB_HEADER_BYTES = 5;
/** Longest data of a blob, bytes: bounds what a publisher can make a node reserve. */
export const MAX_BLOB_BYTES = 32_505_852;
/** Longest data of a blob at 8× redundancy, bytes. */
export const MAX_BLOB_BYTES_8X = 8_388_603;
/** Numbers of original rows that a blob may have; the smallest that fits is taken. */
export const BLOB_ROW_COUNTS = [64, 256, 1024, 4096] as const;
/** Longest row, bytes: bounds one answer and one coefficient table. */
export const MAX_ROW_BYTES = 8192;
/** A row is a whole number of 64-byte Leopard units. */
export const ROW_ALIGN_BYTES = 64;
/** Total over original rows. */
export const REDUNDANCIES = [2, 4, 8] as const;
export const DEFAULT_REDUNDANCY = 4;
/** Blocks for which rows are served where a publisher names no other number: about a day at a block a second. */
export const DEFAULT_RETENTION_BLOCKS = 86_400;
/** GF(2^16) has this many points, so K + N of the kernel is at most this. */
export const MAX_CODE_POSITIONS = 65_536;
/** Siblings in a row path: log2 of the largest K + N (32,768 at 8×). Bounds a proof before it is read. */
export const MAX_PATH_LENGTH = 15;
export const MAX_NAMESPACE_BYTES = 28;
/** Blobs that one block may record: their ids must fit one value of state. */
export const MAX_BLOBS_PER_HEIGHT = 4_096;

// ── Codec ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Longest row that the kernel takes, bytes: bounds coefficient tables (blobs stop at MAX_ROW_BYTES). */
export const MAX_CODEC_ROW_BYTES = 128 * KIB;
/** Memory of one codec, bytes: a shape or a pile of primed blobs that needs more is refused with `OUT_OF_MEMORY`. */
export const MAX_CODEC_MEMORY_BYTES = 1024 * MIB;
/** Error locators that a codec keeps: those of some thirty patterns of the longest code of a blob. */
export const MAX_LOCATOR_CACHE_BYTES = MIB;

// ── Committees (PROTOCOL §2, §3) ───────────────────────────────────────────────────────────────────────────────────
/** Rows that every member holds at least, by redundancy: 100 bits by unique decoding. */
export const MIN_ROWS_PER_MEMBER: Readonly<Record<2 | 4 | 8, number>> = { 2: 241, 4: 148, 8: 121 };
/** Committee members, at most: bounds a certificate and its verification. */
export const MAX_COMMITTEE_MEMBERS = 128;
/** Blocks within which rows must be certified, else a node drops them: bounds what an unpaid upload can occupy. */
export const UNCERTIFIED_BLOCKS = 120;
/** Addresses in a peer record and bytes of each: bounds what one record can make a client dial. */
export const MAX_PEER_ADDRESSES = 8;
export const MAX_ADDRESS_BYTES = 256;

// ── Uploads and rows (PROTOCOL §3) ─────────────────────────────────────────────────────────────────────────────────
/** Uploads that a member has open, and those of one peer: each holds prime data and a primed blob in memory. */
export const MAX_OPEN_UPLOADS = 64;
export const MAX_OPEN_UPLOADS_PER_PEER = 8;
/** Bytes of rows that one peer, and one account, may have on a member's disk before the chain has their certificates. */
export const MAX_RESERVED_BYTES_PER_PEER = 512 * MIB;
export const MAX_RESERVED_BYTES_PER_ACCOUNT = 1024 * MIB;
/** An upload in which nothing moves is closed, milliseconds. Its rows wait on disk for UNCERTIFIED_BLOCKS. */
export const UPLOAD_IDLE_MS = 60_000;
/** One bit for each of 32,768 rows at most. */
export const MAX_HELD_BYTES = 4_096;
/** Signatures that a member remembers, so that asking twice costs nothing. */
export const MAX_REMEMBERED_SIGNATURES = 1_024;
/** Row requests that a member answers at once, each with files open; more are `busy`, unless some come from where many others do (`FairPlaces`). */
export const MAX_ROW_REQUESTS = 64;
/** Questions about the fate of blobs that a member asks the state at one head. */
export const MAX_BLOB_QUESTIONS_PER_HEAD = 64;
/** Primed blobs that one worker keeps, bytes: the longest at 4× takes half a MiB. The one that is verified now is always kept. */
export const MAX_PRIMED_BYTES = 8 * MIB;
/** How long a peer record is valid, milliseconds: an address that moved must not be dialled for long. */
export const PEER_RECORD_LIFETIME_MS = 3_600_000;
/** Members that a publisher uploads to at once, and tries for each. */
export const MAX_PARALLEL_UPLOADS = 16;
export const UPLOAD_ATTEMPTS = 3;
/** Tries for a member that has answered in this upload: it is there, and may just restart. */
export const UPLOAD_ATTEMPTS_ONCE_ANSWERED = 8;
/** Time between two tries at one member, milliseconds. */
export const UPLOAD_RETRY_MS = 500;
/** How long a publisher that has its quorum waits for the members that still upload, milliseconds: rows of those left out are rows nobody can sample. */
export const UPLOAD_STRAGGLER_MS = 5_000;
/** Blocks that a publisher's transaction may wait for. */
export const CERTIFY_WITHIN_BLOCKS = 100;
/** Gas that a transaction with the largest certificate takes, with room. */
export const CERTIFY_GAS_LIMIT = 1_000_000;

// ── Sampling (PROTOCOL §4) ─────────────────────────────────────────────────────────────────────────────────────────
/** Rows of the first round, by redundancy: 40 bits of availability. */
export const FIRST_ROUND_ROWS: Readonly<Record<2 | 4 | 8, number>> = { 2: 40, 4: 20, 8: 14 };
/** A request for rows that takes longer, from question to last answer, is a timeout of its peer, milliseconds: one that sends a row now and then must not hold the others. */
export const ROW_TIMEOUT_MS = 10_000;
/** Silence of a peer after which its rows are asked of others too, milliseconds: one that stalls must not hold up a sample. Its answer still counts. */
export const ROW_SILENCE_MS = 2_000;
/** Times that one peer may answer `busy` for one row before it counts as no answer, and the wait after the first, milliseconds. */
export const MAX_BUSY_ANSWERS = 3;
export const BUSY_RETRY_MS = 500;
/** Blobs that are sampled at once. */
export const MAX_SAMPLED_BLOBS = 4;
/** Of these, blobs that nobody asked for but peers spoke of. */
export const MAX_FOLLOWED_BLOBS = 3;
/** A followed blob that takes longer does not keep the next one waiting, milliseconds: withheld rows must not hide other blobs. */
export const SLOW_BLOB_MS = 2_000;
/** Blobs that a light node remembers and shows. */
export const MAX_WATCHED_BLOBS = 16;
/** Blobs looked up at one head because peers spoke of them, over all peers in turn: names are free, proofs of absence are not. */
export const MAX_BLOB_HINTS_PER_HEAD = 16;
/** Heads at which a blob that a peer spoke of may still be absent before it is forgotten. */
export const BLOB_HINT_HEADS = 3;
/** A refusal this close before the expiry is none, blocks: the one who refuses may see a later head than we do. */
export const EXPIRY_MARGIN_BLOCKS = 3;
/** Rows of one blob that are told of as events: thousands that are withheld must not push out what else happened. */
export const MAX_ROW_EVENTS_PER_BLOB = 8;
/** Blocks below the head whose blobs are drawn from when sampling begins. */
export const FOLLOWED_BLOCKS = 100;
/** Of these, blocks whose lists are asked for before all are read: one request, whose answer is small. */
export const FIRST_LOOK_HEIGHTS = 12;
/** Blobs that wait to be sampled; the newest are kept. */
export const MAX_QUEUED_BLOBS = 4_096;
/** Times that a worker which has lost a blob is given it again for one row: an input that kills workers must not do so for ever. */
export const MAX_PRIME_AGAIN = 3;

/** Rows of a top-up round, by redundancy. */
export const TOP_UP_ROWS: Readonly<Record<2 | 4 | 8, number>> = { 2: 20, 4: 10, 8: 7 };
/** Rows that a client draws of one blob at most, and with a light budget. */
export const SAMPLE_BUDGET_ROWS = 512;
export const LIGHT_SAMPLE_BUDGET_ROWS = 64;
/** Bits at which a blob is called available, those in a light budget, and those at which it is called unavailable. */
export const AVAILABLE_BITS = 40;
export const LIGHT_AVAILABLE_BITS = 20;
export const UNAVAILABLE_BITS = 20;

// ── Retrieval ──────────────────────────────────────────────────────────────────────────────────────────────────────
/** Blobs that are retrieved at once; later ones wait: each takes the memory of all its rows, up to 131 MiB. */
export const MAX_RETRIEVALS_AT_ONCE = 1;
/** Data that leaves a retrieval's worker in one piece, bytes. */
export const RETRIEVED_CHUNK_BYTES = MIB;
/** Kept rows that are verified in one job. */
export const RETRIEVED_ROWS_PER_JOB = 128;

// ── Lists of blobs ─────────────────────────────────────────────────────────────────────────────────────────────────
/** Listings that one call gives, and ids in them together: a busy namespace must not fill memory. */
export const MAX_LISTED_HEIGHTS = 1_000;
export const MAX_LISTED_BLOBS = 65_536;
/** Heights that are proved in one request where lists lie close together: saves round trips, and bounds proofs of absence that nobody needs. */
export const LIST_LOOKAHEAD = 8;

// ── Evidence (PROTOCOL §4) ─────────────────────────────────────────────────────────────────────────────────────────
/** Headers on the way from the trust root to the record: each holds a validator set, and skipping needs few. */
export const MAX_EVIDENCE_HEADERS = 32;
/** An evidence file, bytes: bounds what `perigee verify` reads. */
export const MAX_EVIDENCE_BYTES = 8 * MIB;

/** Evidence files that a light node holds in memory, and their bytes together: a committee that signs falsely must not fill it. */
export const MAX_EVIDENCE_FILES = 16;
export const MAX_EVIDENCE_MEMORY_BYTES = 16 * MIB;

// ── Peers of a light node ──────────────────────────────────────────────────────────────────────────────────────────
/** Peers that a light node knows at once: bounds what a lying peer's list can make it dial. */
export const MAX_PEERS = 32;
/** Peers whose lie is remembered after they were forgotten. */
export const MAX_BANNED_PEERS = 1_024;
/** Dials in a row that may fail before an address is forgotten that no member signed and nobody gave us. */
export const MAX_HINT_DIALS = 3;
/** Time between two words that are heard of one peer, milliseconds: who talks without end is not listened to without end. */
export const STATUS_INTERVAL_MS = 50;
/** A peer whose status says nothing for this long is dialled anew, milliseconds: a connection may be dead without a word. */
export const STATUS_SILENCE_MS = 60_000;
/** Heads of one peer that are remembered. */
export const MAX_SHOWN_HEADS = 16;
/** Answer times of one peer that are remembered, for their median. */
export const MAX_TRACKED_LATENCIES = 32;
/** Headers whose verification is shown: blocks come without end, and what lists them must not. */
export const MAX_LOGGED_HEADERS = 64;
/** Longest settings of a page that are read from its storage, characters. */
export const MAX_SETTINGS_CHARACTERS = 4_096;
/** Longest count of a day's bytes that is read from a store, bytes: one that was tampered with costs nothing. */
export const MAX_DAY_COUNT_BYTES = 256;
/** How often a node writes how many bytes it used of a day, milliseconds: what a crash may lose of it. */
export const KEEP_DAY_COUNT_EVERY_MS = 60_000;
/** Events that a light node remembers: who makes things happen without end must not fill its memory. */
export const MAX_EVENTS = 256;
/** A peer that has not answered in this time is no longer waited for alone, milliseconds. */
export const ASK_STAGGER_MS = 1_000;

// ── What a light node keeps ────────────────────────────────────────────────────────────────────────────────────────
/** Bytes on the device, if nothing else is said: below the 50 MB that a day of headers may take. */
export const DEFAULT_STORE_BYTES = 45 * MIB;
/** Least budget: one evidence file and one blob's rows must fit. */
export const MIN_STORE_BYTES = 16 * MIB;
/** Verdicts that are remembered; the oldest go first. */
export const MAX_KEPT_VERDICTS = 1_024;
/** A verdict, bytes: its error may carry words of a peer. */
export const MAX_KEPT_VERDICT_BYTES = 16 * KIB;
/** Rows of one blob: more than sampling draws are a retrieval's, and that has the blob. */
export const MAX_KEPT_ROWS_PER_BLOB = 512;
/** Evidence files; the oldest go first. */
export const MAX_KEPT_EVIDENCE = 64;
/** Writes that wait for the device; past it what would be kept is not. */
export const MAX_QUEUED_STORE_WRITES = 256;
/** Time between two headers that are kept, milliseconds: each is a write to disk. */
export const KEEP_HEADER_EVERY_MS = 10_000;
/** A device that has not given back what was kept in this time is not waited for, milliseconds. */
export const STORE_PATIENCE_MS = 1_000;

// ── Frames and streams ─────────────────────────────────────────────────────────────────────────────────────────────
/** Bytes of rows asked in one request: WebRTC has no read back-pressure, and js-libp2p aborts a reader past 4 MiB. */
export const MAX_REQUEST_ROW_BYTES = MIB;
/** Requests in flight on one stream; two windows keep a link busy. */
export const MAX_IN_FLIGHT = 2;
/** A frame that we read: one request window and its proofs. A longer prefix ends the stream before anything is allocated. */
export const MAX_FRAME_BYTES = 2 * MIB;
/** A request frame that carries no payload, bytes: a server reads no more from a stranger. */
export const MAX_SMALL_FRAME_BYTES = 16 * KIB;
/** Streams of one protocol that one peer may hold open. */
export const MAX_STREAMS_PER_PROTOCOL = 8;
/** A stream on which nothing moved is closed, milliseconds: half-open streams cost a server memory. */
export const STREAM_IDLE_MS = 120_000;
/** One request without an answer fails, milliseconds. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** A dial that has not finished fails, milliseconds. */
export const DIAL_TIMEOUT_MS = 10_000;
/** WebRTC is tried first; a WebSocket is dialled too when it has not answered in this time, milliseconds. */
export const WEBSOCKET_FALLBACK_MS = 2_000;
/** Inbound connections a server keeps, and new ones a second from one address. */
export const MAX_CONNECTIONS = 1_000;
export const MAX_INBOUND_PER_SECOND = 200;
/** Inbound connections whose handshake is not over: each costs a server asymmetric cryptography. */
export const MAX_PENDING_INBOUND = 200;
/** A further address of the same transport is dialled when the one before has not answered in this time, milliseconds (RFC 8305 §5). */
export const ADDRESS_STAGGER_MS = 300;
/** A frame that was begun must be complete in this time, milliseconds: a peer that sends a byte now and then must not hold memory. */
export const FRAME_TIMEOUT_MS = 30_000;
/** A peer that takes no bytes for this long loses its stream, milliseconds: unread answers must not pile up. */
export const WRITE_STALL_MS = 30_000;
/** Calls that wait for one of the MAX_IN_FLIGHT places of a stream; past it a call fails with `BUSY` instead of growing the queue. */
export const MAX_QUEUED_REQUESTS = 1_024;
/** Answers received and not yet taken by their callers, bytes of one stream: past it the stream is not read. */
export const MAX_UNTAKEN_BYTES = 2 * MIB;
/** Requests that one peer may have in work at one protocol of a server, over all its streams. */
export const MAX_REQUESTS_PER_PEER = 8;
/** Cancelled requests of a stream that the server has not ended yet; past it the client opens another: a server that is stuck must not starve it. */
export const MAX_CANCELLED_REQUESTS = MAX_REQUESTS_PER_PEER - MAX_IN_FLIGHT;
/** A cancelled request whose end has not come in this time costs the server its stream, milliseconds, however much comes of it. */
export const CANCEL_TIMEOUT_MS = 10_000;
/** Requests a second that one peer may send to one protocol in the long run, and at once: past it the answer is `BUSY`. */
export const MAX_REQUESTS_PER_SECOND = 200;
export const MAX_REQUEST_BURST = 400;
/** A host that has not shut down after this time is cut off, milliseconds. */
export const STOP_TIMEOUT_MS = 3_000;
/** A WebSocket message, bytes: libp2p sends at most 64 KiB of ciphertext in one; `ws` alone would buffer 100 MiB of a stranger. */
export const MAX_WEBSOCKET_MESSAGE_BYTES = 256 * KIB;

// ── Headers (PROTOCOL §5) ──────────────────────────────────────────────────────────────────────────────────────────
/** Validators in a set (CometBFT allows 10,000): bounds a set before its signatures are looked at. */
export const MAX_VALIDATORS = 1_000;
/** A header further ahead of the local clock is an error, milliseconds. */
export const MAX_CLOCK_DRIFT_MS = 10_000;
/** A head older than this is shown as `as of <time>`, milliseconds. */
export const CURRENT_WITHIN_MS = 30_000;
/** How long a current head is waited for before the absence of a blob counts as unproven, milliseconds: peers that show an old one must not hold who asks. */
export const ABSENCE_PATIENCE_MS = 5_000;
/** How long a head, and a peer that proves what its state holds, are waited for where somebody still connects, milliseconds: peers that never say what they do must not hold who asks. */
export const PROOF_PATIENCE_MS = 5_000;
/** Each new head has one source until a second peer has shown it; only one that stays so for this long is told as an event, milliseconds. */
export const ONE_SOURCE_TOLD_MS = 3_000;
/** Time between two looks at what another peer has at the height of the head, and that while only one peer is known to have it, milliseconds. */
export const WITNESS_EVERY_MS = 30_000;
export const WITNESS_ALONE_MS = 5_000;
/**
 * Heads in a row, and the time that they took to come, milliseconds, that show a clock to be ahead: each as old as the one before, give or take the
 * spread, though they keep coming from peers with different committee keys.
 */
export const CLOCK_AHEAD_HEADS = 3;
export const CLOCK_AHEAD_SPAN_MS = 2_000;
export const CLOCK_AHEAD_SPREAD_MS = 5_000;
/** How long a verified header can vouch for later ones, milliseconds: two thirds of the 21 days of unbonding. */
export const TRUSTING_PERIOD_MS = 14 * 24 * 3_600_000;
/** Headers in one answer. */
export const MAX_HEADERS_PER_REQUEST = 20;
/** Longest chain id (CometBFT), bytes. */
export const MAX_CHAIN_ID_BYTES = 50;
/** Signatures checked at once: the first false one of a commit ends the work, so a forged commit costs this many checks at most. */
export const SIGNATURES_AT_ONCE = 16;
/** Light blocks that a light client of any chain keeps; the lowest go first. */
export const MAX_KEPT_HEADERS = 1_000;
/** Headers that a light client goes back by hashes alone: each is a request. */
export const MAX_BACKWARD_STEPS = 10_000;
/** How long a block may be on its way to a witness, besides clocks that differ, milliseconds: one that has the header by then is no witness of a fork. */
export const MAX_BLOCK_LAG_MS = 10_000;
/** Time between two looks whether a witness that lags has a header, milliseconds. */
export const WITNESS_POLL_MS = 1_000;
/** Times that evidence is handed to a full node, and the time between, milliseconds: it can judge the latest block only when the next is there. */
export const EVIDENCE_ATTEMPTS = 4;
export const EVIDENCE_RETRY_MS = 1_500;
/** An answer of a CometBFT node by JSON-RPC, bytes: the results of a full block; a node that sends without end must not fill memory. */
export const MAX_RPC_ANSWER_BYTES = 8 * MIB;
/** Siblings in a proof that a block holds a transaction: a tree of 2^53 leaves is not deeper. Bounds a proof before it is read. */
export const MAX_MERKLE_PATH = 53;
/** Validator sets that a light client keeps by hash: a source that shows ever new sets must not grow the cache. */
export const MAX_CACHED_VALIDATOR_SETS = 16;
/** Imported ed25519 keys that are kept: a peer that shows ever new validators must not grow the cache. */
export const MAX_CACHED_KEYS = 2_048;
/** A trust root file, characters, and the peers it may name. */
export const MAX_TRUST_ROOT_CHARACTERS = 64 * KIB;
export const MAX_TRUST_ROOT_PEERS = 64;
/** A link that a person opens, characters, and the peers it may name: whoever made it must not make a page dial at will. */
export const MAX_LINK_CHARACTERS = 4_096;
export const MAX_LINK_PEERS = 8;

// ── State (PROTOCOL §6) ────────────────────────────────────────────────────────────────────────────────────────────
/** Heights for which a server proves state; older answers `PRUNED`. */
export const PROOF_WINDOW_HEIGHTS = 1_000;
/** Depth of an AVL tree of 2^64 leaves is below this: a longer proof is a forgery. */
export const MAX_PROOF_DEPTH = 96;
export const MAX_STATE_KEY_BYTES = 2 * KIB;
export const MAX_STATE_VALUE_BYTES = 256 * KIB;
/** Proofs in one answer, bytes: they must fit a frame together. */
export const MAX_STATE_ANSWER_BYTES = (3 * MIB) / 2;

/** Keys of a range that are proved in one answer, and leaves with those at its ends. */
export const MAX_RANGE_KEYS = 256;
export const MAX_RUN_LEAVES = MAX_RANGE_KEYS + 2;

/** A chunk of a snapshot is full from this on, bytes, and with the longest entry after that at most so long. CometBFT carries 16 MB. */
export const SNAPSHOT_CHUNK_BYTES = MIB;
export const MAX_SNAPSHOT_CHUNK_BYTES = 2 * MIB;
/** Chunks of a snapshot: their hashes must fit a message of CometBFT (4 MB) beside the genesis. */
export const MAX_SNAPSHOT_CHUNKS = 65_536;

// ── Transactions (PROTOCOL §7) ─────────────────────────────────────────────────────────────────────────────────────
/** A transaction, bytes: a certificate of the largest committee, or 256 KiB of stream data, with room around it. */
export const MAX_TX_BYTES = 384 * KIB;
export const MAX_TX_MESSAGES = 16;
/** Waiting transactions, and of one sender: bounds the mempool. */
export const MAX_MEMPOOL_TXS = 5_000;
export const MAX_MEMPOOL_TXS_PER_SENDER = 64;
/** Bytes of all waiting transactions: 5,000 of the longest would be 2 GB. */
export const MAX_MEMPOOL_BYTES = 64 * MIB;
/** Bytes of the transactions whose signatures are remembered: a signature of any key is enough to be remembered. */
export const MAX_VERIFIED_TX_BYTES = 64 * MIB;
/** A transaction's expiry may lie this many blocks ahead: bounds what a replay cache must remember. */
export const MAX_TX_LIFETIME_BLOCKS = 10_000;
/** A block's transactions, bytes (consensus parameter of development chains). */
export const MAX_BLOCK_BYTES = 4 * MIB;

/** Decimals of the token: one whole token is 10^18 smallest units, and one unit of voting power. */
export const TOKEN_DECIMALS = 18;
/** Kinds of messages that a session may name. */
export const MAX_MESSAGE_KINDS = 32;
/** Session keys of one account at a time: they lie in one value of state, which each of their transactions reads. */
export const MAX_SESSIONS_PER_ACCOUNT = 16;

// ── Stake ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Validators with power: bounds what each block and each light client looks at. */
export const MAX_STAKERS = 128;
/** Withdrawals of one validator that are under way: each is looked at when it is slashed. */
export const MAX_UNBONDINGS = 16;
/** Accounts whose tokens one block releases: a block must not do unbounded work that nobody pays for in it. */
export const MAX_RELEASES_PER_BLOCK = 128;
/** Heights that a withdrawal may be later than due because others fall on the same one. */
export const MAX_RELEASE_DELAY_BLOCKS = 64;
/** Blocks, and seconds, of unbonding, a century: sums with heights and times stay exact. */
export const MAX_UNBONDING = 0xffffffff;
/** Whole tokens of a chain with stake: power stays far below what CometBFT can add up (2^60). */
export const MAX_STAKED_SUPPLY_TOKENS = 1n << 50n;

// ── Faucet (development chains only) ───────────────────────────────────────────────────────────────────────────────
/** Time over which gifts are counted, milliseconds. */
export const FAUCET_WINDOW_MS = 3_600_000;
/** A gift, or the proof of it, that has not come in this time does not come, milliseconds: a faucet that keeps silent must not hold who asks. */
export const FAUCET_TIMEOUT_MS = 30_000;
/** Gifts that a faucet gives in that time in all: whoever makes up accounts by the thousand must not empty it. Bounds its memory too. */
export const FAUCET_GIFTS = 600;
/** Gifts that one peer is given for in that time: one that asks for many accounts must not take the share of the others. */
export const FAUCET_GIFTS_PER_PEER = 20;
/** Requests that wait for the transfer before theirs; more are BUSY: each is held open until its block. */
export const MAX_FAUCET_QUEUE = 32;

// ── Workers ────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Jobs that wait in a pool; past it a call is refused with `BUSY` instead of growing the queue. */
export const MAX_QUEUED_JOBS = 4_096;
/** Times in a row that a worker may die without finishing a job before its place in the pool is given up: an input that kills workers must not fork forever. */
export const MAX_WORKER_RESTARTS = 3;
/** A job that still runs this long after its caller gave up loses its worker, milliseconds: an input that loops must not hold a worker for good. */
export const ABORTED_JOB_MS = 5_000;
