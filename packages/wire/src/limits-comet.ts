/** CometBFT beside a node: how the two talk, and how a node runs it as a process of its own. */
import { MAX_BLOCK_BYTES } from './limits.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

// ── ABCI (CometBFT and the application on one machine) ─────────────────────────────────────────────────────────────
/** A request, bytes: a block of CometBFT's default size and a chunk of a snapshot (16 MB) fit. A longer prefix ends the connection. */
export const MAX_ABCI_FRAME_BYTES = 64 * MIB;
/** Connections: an engine has four, and tools may look on. */
export const MAX_ABCI_CONNECTIONS = 8;
/** Open sockets, with those that are being told why they are not served: past it they are closed without a word. */
export const MAX_ABCI_SOCKETS = 2 * MAX_ABCI_CONNECTIONS;
/** How long a connection that is not served any more may take to read why, milliseconds: one that does not read must not hold its socket. */
export const ABCI_LINGER_MS = 2_000;
/** Validators that an engine may tell of: CometBFT has no more votes in a commit. An application may take fewer. */
export const MAX_ABCI_VALIDATORS = 10_000;
/** Requests of one connection that were read and have no answer yet: past it nothing is read, so that checks of transactions do not pile up. */
export const MAX_ABCI_UNANSWERED = 256;
/** Transactions in a block as it comes: two bytes each at least. An application refuses many, but must be able to read them. */
export const MAX_ABCI_BLOCK_TXS = MAX_BLOCK_BYTES / 2;
/** Events, attributes and other lists that an application answers with. */
export const MAX_ABCI_EVENTS = 1 << 20;
/** Transactions in a block: fewer of the smallest valid ones fit its bytes. A proposal with more is refused before any is looked at. */
export const MAX_BLOCK_TXS = 32_768;

// ── CometBFT, which a node runs as a process of its own ───────────────────────────────────────────────────────────
/** Times in a row that it may end by itself before the node gives up; it counts anew once it ran for so long, milliseconds. */
export const MAX_COMET_RESTARTS = 4;
export const COMET_STEADY_MS = 60_000;
/** Time before it is started again, milliseconds: this doubles up to the other. */
export const COMET_RESTART_MS = 500;
export const COMET_RESTART_MAX_MS = 30_000;
/** It gets this long to end when it is told to, milliseconds. */
export const COMET_STOP_MS = 10_000;
/** A call of its RPC without an answer fails, milliseconds: one that hangs must not hold what waits for it. */
export const COMET_RPC_TIMEOUT_MS = 10_000;
/** What became of a transaction is remembered for so many of the last ones; of others CometBFT is asked. */
export const MAX_REMEMBERED_TXS = 20_000;
