/** Bounds of the WebTransport listener (docs/decisions.md), each with its unit and the attack that it stops. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Sessions that are kept, and those from one IPv4 address or IPv6 network of 64 bits: each can hold streams full of bytes that nobody asked for. */
export const MAX_WEBTRANSPORT_SESSIONS = 256;
export const MAX_WEBTRANSPORT_SESSIONS_PER_ADDRESS = 32;
/**
 * Sessions that are not up yet, and those from one address: each costs a signature. The oldest gives way to the newest, because who begins one need not be where
 * its packets say.
 */
export const MAX_WEBTRANSPORT_HALF_OPEN = 256;
export const MAX_WEBTRANSPORT_HALF_OPEN_PER_ADDRESS = 16;
/** A session that is not up after this time is closed, milliseconds. */
export const WEBTRANSPORT_SESSION_MS = 5_000;
/** A stream that has not said by then to which session it belongs is ended, milliseconds. */
export const WEBTRANSPORT_STREAM_MS = 5_000;
/** Streams that one end of a session has open at once. */
export const MAX_WEBTRANSPORT_STREAMS = 64;
/** The request that begins a session, bytes. */
export const MAX_WEBTRANSPORT_REQUEST_BYTES = 16 * KIB;
/** A session on which nothing arrives is over, and what is sent so that it does, milliseconds. */
export const WEBTRANSPORT_IDLE_MS = 30_000;
export const WEBTRANSPORT_KEEP_ALIVE_MS = 10_000;
/** Memory of the process that terminates QUIC, bytes, above which it ends sessions: those that are not up, then those with most streams. */
export const MAX_WEBTRANSPORT_MEMORY_BYTES = 512 * MIB;
/** How often it looks, milliseconds. */
export const WEBTRANSPORT_MEMORY_LOOK_MS = 1_000;
/** Looks in a row that may find too much, each of which ends sessions: if that helps nothing, the process leaks and ends itself, to be started again. */
export const MAX_WEBTRANSPORT_MEMORY_LOOKS = 30;

/** Bytes of one stream and direction between that process and the node that the other side has not taken yet. */
export const BRIDGE_WINDOW_BYTES = 256 * KIB;
/** Bytes of a stream in one frame between them. */
export const MAX_BRIDGE_FRAME_BYTES = 64 * KIB;
/** How long that process may take until it listens, and to end, milliseconds. */
export const SIDECAR_START_MS = 20_000;
export const SIDECAR_STOP_MS = 2_000;
/** It is started again after the first of these; each time that it ended at once doubles it, up to the second, milliseconds. */
export const SIDECAR_RETRY_MS = 250;
export const MAX_SIDECAR_RETRY_MS = 30_000;
/** One that listened for as long as this has not ended at once, milliseconds. */
export const SIDECAR_STEADY_MS = 60_000;
/** Longest line that the node takes of what that process reports, characters: a longer one is dropped unread. */
export const MAX_SIDECAR_REPORT = 4 * KIB;
/** The certificate is looked at as often as this, milliseconds: no sleep is so long that a machine that slept meanwhile matters. */
export const WEBTRANSPORT_LOOK_MS = 15 * 60_000;
/** One that could not be written is tried again after this, milliseconds; each failure doubles it, up to the time between two looks. */
export const WEBTRANSPORT_ROTATE_RETRY_MS = 1_000;
