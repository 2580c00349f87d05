/** Bounds of what the extension takes from the pages of sites; whoever writes a page decides what it asks. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Text of one request, as JSON: evidence of hardware with its collateral in base64 is the longest. Checked before it leaves the site's own process. */
export const MAX_SITE_REQUEST_CHARACTERS = 3 * MIB;
/** A receipt that a site hands over, bytes: fits into that in base64. One with a longer answer is checked by the page, or `perigee receipt verify`. */
export const MAX_SITE_RECEIPT_BYTES = 2 * MIB;
/** Text of one request where no file comes with it. */
export const MAX_SITE_PARAMS_CHARACTERS = 8 * KIB;
/** Requests of one site in a second in the long run, and at once: a flood must not take the node from other sites. */
export const SITE_REQUESTS_PER_SECOND = 10;
export const SITE_REQUESTS_BURST = 40;
/** Requests of one site that are being worked on, and of all: each holds memory, and some fetch rows. */
export const MAX_SITE_REQUESTS_AT_ONCE = 16;
export const MAX_REQUESTS_AT_ONCE = 64;
/** Text of all these requests of one site: it is held also while a person has not said yet whether the site may ask. */
export const MAX_SITE_CHARACTERS_AT_ONCE = 2 * MAX_SITE_REQUEST_CHARACTERS;
/** Requests of one document that wait for an answer, its own process holds no more. */
export const MAX_DOCUMENT_REQUESTS = 32;
/** Subscriptions of one site, and of all. */
export const MAX_SITE_SUBSCRIPTIONS = 8;
export const MAX_SUBSCRIPTIONS = 64;
/** A subscription is told no more often than this, milliseconds; of several changes it is told the last. */
export const SUBSCRIPTION_EVERY_MS = 500;
/** Documents of one site, and of all, that are told when the node begins and ends to follow its chain: each holds a port. */
export const MAX_SITE_WATCHERS = 32;
export const MAX_WATCHERS = 256;
/** JSON of the whole node's state that a site gets: a state is bounded in its parts, and this is far above all of them together. */
export const MAX_NODE_STATE_CHARACTERS = 4 * MIB;
/** Sites whose permission is remembered; the one decided longest ago is asked about again. */
export const MAX_SITES = 256;
/** Sites that wait for a person's word: more windows of questions than that are an attack. */
export const MAX_ASKING_SITES = 8;
/** Who closed the question unanswered is not asked again for this time, milliseconds. */
export const SITE_QUIET_MS = 60_000;
/** A window of questions that does not show itself for this time was closed before it could, milliseconds. */
export const PROMPT_OPENS_MS = 15_000;
/** A site waits so long for a node that is just starting, milliseconds. */
export const SITE_HEAD_MS = 15_000;
/** And so long for an answer, milliseconds. */
export const SITE_WORK_MS = 90_000;
/** Longest blob that a site is given: its bytes cross three processes in base64. */
export const MAX_SITE_BLOB_BYTES = 8 * MIB;
/** Rows of a sample that a site is told of one by one. */
export const MAX_SITE_ROWS = 1_024;
/** Snapshots for the popup are kept no more often than this, milliseconds. */
export const SNAPSHOT_EVERY_MS = 500;
