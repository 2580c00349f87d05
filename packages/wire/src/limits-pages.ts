/** Bounds of what pages give each other, and of the relay that introduces them (docs/decisions.md), each with its unit and the attack that it stops. */

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE_MS = 60_000;

// ── Relay ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Reservations that a relay holds, and those from one IPv4 address or IPv6 network of 64 bits: identities are free, and one who makes many must leave room. */
export const MAX_RELAY_RESERVATIONS = 256;
export const MAX_RELAY_RESERVATIONS_PER_ADDRESS = 32;
/**
 * Reservations in a minute that one peer makes, those from one address, and of all, renewals among them: each is signed, and whoever reserves, leaves and comes
 * back would have the relay sign without end. One address may make all that it may hold twice over, as when a network is back.
 */
export const MAX_RESERVATIONS_BY_PEER = 8;
export const MAX_RESERVATIONS_FROM_ADDRESS = 2 * MAX_RELAY_RESERVATIONS_PER_ADDRESS;
export const MAX_RESERVATIONS_MADE = 2 * MAX_RELAY_RESERVATIONS;
/** Peers and addresses whose rates a relay remembers, of each kind, also when they have left: the one that came longest ago is forgotten first. */
export const MAX_RELAY_RATES = 1_024;
/** How long a reservation holds unless it is renewed, milliseconds. One whose connection ends is over at once. */
export const RELAY_RESERVATION_MS = 30 * MINUTE_MS;
/** Bytes of one relayed connection, each way: enough to introduce two browsers, too little to carry rows. */
export const MAX_RELAYED_BYTES = 64 * KIB;
/** Life of a relayed connection, milliseconds: an introduction takes less than a second. */
export const MAX_RELAYED_MS = 20_000;
/** Introductions in a minute that one peer asks for, that one is asked for, and of all: what a flood of them costs each. */
export const MAX_INTRODUCTIONS_BY_PEER = 32;
export const MAX_INTRODUCTIONS_TO_PEER = 32;
export const MAX_INTRODUCTIONS = 512;
/** Streams of one peer on which it asks for a reservation or an introduction at once. */
export const MAX_RELAY_STREAMS = 8;
/** Time for one of these questions, milliseconds. */
export const RELAY_QUESTION_MS = 10_000;
/** Pages that a relay names in one answer. */
export const MAX_PAGES_NAMED = 16;

// ── Pages ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Relays that a page has itself introduced by. */
export const MAX_PAGE_RELAYS = 2;
/** Pages that a page is connected to; what made-up pages can take up. */
export const MAX_PAGES = 8;
/** Introductions that a page lets happen to it at once: each makes a peer connection of the browser. */
export const MAX_PENDING_INTRODUCTIONS = 4;
/** Time between two looks at who else is there, milliseconds. */
export const PAGES_INTERVAL_MS = 5_000;
/** Time before a page is dialled again that could not be reached, or was no page of our chain, milliseconds. */
export const PAGE_RETRY_MS = 20_000;
/** Pages that are remembered as not to be dialled: the oldest go first. */
export const MAX_PAGES_REFUSED = 256;
/** Time that a page has to say what it holds, milliseconds. */
export const PAGE_QUESTION_MS = 3_000;
/** Rows of a blob that are asked of pages before its holders, when nothing comes for so long its holders are asked too, milliseconds. */
export const PAGES_FIRST_MS = 1_500;
/** And after this in any case, milliseconds: pages that give a row now and then must not hold a blob up. */
export const MAX_PAGES_FIRST_MS = 15_000;
/** What a page gives others by default: bytes of rows in a second and in a day. */
export const DEFAULT_SHARED_BYTES_PER_SECOND = 256 * KIB;
export const DEFAULT_SHARED_BYTES_PER_DAY = 512 * MIB;
/** Least rate that can be set: a row of the largest kind takes no longer than a peer waits for it. */
export const MIN_SHARED_BYTES_PER_SECOND = 8 * KIB;
/** Requests for rows that a page answers at once, and those of one page. */
export const MAX_SHARED_REQUESTS = 4;
export const MAX_SHARED_REQUESTS_PER_PEER = 2;
/** Longest a row waits for its turn under the rate, milliseconds: then the page is busy. */
export const MAX_SHARE_WAIT_MS = 1_500;
/** Verified rows that are held in memory to be shared, bytes; the blob used longest ago goes first. */
export const MAX_SHELF_BYTES = 24 * MIB;
/** One bit for each row of a blob: 32,768 at 8×. */
export const MAX_HELD_BITMAP_BYTES = 4_096;

// ── Receipts ───────────────────────────────────────────────────────────────────────────────────────────────────────
/** Form of a sample receipt. */
export const RECEIPT_VERSION = 1;
/** Receipts in one message. */
export const MAX_RECEIPTS_SENT = 32;
/** Receipts in a second that are taken of one page, and at once. More are dropped unread: each costs a signature check. */
export const MAX_RECEIPTS_PER_SECOND = 4;
export const MAX_RECEIPT_BURST = 64;
/** Receipts that are remembered, all together and of one blob: keys are free, memory is not. */
export const MAX_RECEIPTS = 2_048;
export const MAX_RECEIPTS_PER_BLOB = 256;
/** A receipt that is older, or further ahead of the local clock, is not taken, milliseconds. */
export const RECEIPT_LIFETIME_MS = 60 * MINUTE_MS;
export const RECEIPT_CLOCK_SKEW_MS = 2 * MINUTE_MS;
