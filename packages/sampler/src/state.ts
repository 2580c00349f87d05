/**
 * What a view may show. One immutable snapshot a change: network → verify worker → engine state → view.
 * Everything that is said of the chain, a blob or a row was verified, unless its name says `hint`.
 */
import type { ErrorObject } from '@perigee/wire';

/** How far the node has come. `live`: a head is verified and followed; `connecting` with a head: nobody is left to follow it with. */
export type Phase = 'starting' | 'connecting' | 'verifying' | 'live' | 'stopped' | 'failed';

/** Transport of a connection, by its address. */
export type Transport = 'webrtc-direct' | 'websocket' | 'tcp' | 'other';

/** PROTOCOL §4. `asked` is a row that is drawn and not answered yet. */
export type RowVerdict = 'asked' | 'verified' | 'withheld' | 'timeout' | 'invalid/peer' | 'invalid/encoding';

/** One step of the start, in the order in which it happened. */
export interface BootStep {
  readonly name: 'worker' | 'network' | 'connect' | 'header' | 'state' | 'prime' | 'row';
  /** Milliseconds since `start()`. */
  readonly atMs: number;
}

export interface ChainView {
  readonly chainId: string;
  /** Hexadecimal. */
  readonly genesisHash: string;
  /** Proved from genesis state; `undefined` until then. */
  readonly development: boolean | undefined;
}

/**
 * PROTOCOL §5. `current`: recent, and two peers with different committee keys have this head. `one source`: recent, and one peer has it.
 * `stale`: older than 30 s, to be shown as `as of <time>`.
 */
export type Freshness = 'current' | 'one source' | 'stale';

export interface HeadView {
  readonly height: number;
  /** Hexadecimal. */
  readonly headerHash: string;
  /** Header time, milliseconds since 1970. */
  readonly timeMs: number;
  /** When this node had verified it, milliseconds since 1970. */
  readonly verifiedAtMs: number;
  /** What the verification took in the worker, milliseconds. */
  readonly verifyMs: number;
  readonly validators: number;
  /** Peers that have shown this header, by peer id. */
  readonly sources: readonly string[];
}

export interface RowView {
  readonly index: number;
  readonly verdict: RowVerdict;
  /** Peer that answered, or was asked last. */
  readonly peerId: string | undefined;
  readonly transport: Transport | undefined;
  /** From question to answer, milliseconds. */
  readonly answerMs: number | undefined;
  /** Path and coding check in the worker, microseconds. */
  readonly verifyUs: number | undefined;
  readonly bytes: number;
}

export interface BlobView {
  /** Hexadecimal, version byte first. */
  readonly blobId: string;
  readonly phase: 'proving' | 'priming' | 'sampling' | 'done' | 'failed';
  readonly error: ErrorObject | undefined;
  /** From the proved record; `undefined` until its committee is proved too. */
  readonly record:
    | {
        readonly height: number;
        readonly expiryHeight: number;
        readonly length: number;
        readonly k: number;
        readonly n: number;
        readonly rowSize: number;
        /** Hexadecimal. */
        readonly namespace: string;
        /** Committee members that signed, and all. */
        readonly signers: number;
        readonly members: number;
        /** Signed share of the stake, 0 to 1: trust, never added to what was sampled. */
        readonly signedStake: number;
      }
    | undefined;
  /** Height whose state proved the record. */
  readonly provedAt: number | undefined;
  /** Drawn before anything is asked; never replaced. */
  readonly rows: readonly RowView[];
  readonly verified: number;
  /** Different committee keys that answered. */
  readonly operators: number;
}

export interface PeerView {
  readonly peerId: string;
  readonly transport: Transport | undefined;
  /** Remote multiaddr. */
  readonly address: string | undefined;
  /** Why the preferred transport was not taken, in words. */
  readonly fallback: string | undefined;
  readonly connected: boolean;
  /** Committee address, hexadecimal, when its signed record was verified. */
  readonly member: string | undefined;
  readonly roles: readonly string[];
  readonly rowsVerified: number;
  readonly rowsFailed: number;
  readonly bytesIn: number;
  /** Why the peer is not asked any more. */
  readonly banned: string | undefined;
  readonly error: string | undefined;
}

export interface LightNodeState {
  readonly phase: Phase;
  readonly error: ErrorObject | undefined;
  readonly chain: ChainView | undefined;
  readonly head: HeadView | undefined;
  /** By the injected clock at the time of the snapshot. */
  readonly freshness: Freshness | undefined;
  readonly peers: readonly PeerView[];
  /** Newest on the chain first. */
  readonly blobs: readonly BlobView[];
  readonly boot: readonly BootStep[];
  readonly rowsVerified: number;
  readonly bytesIn: number;
}

export const INITIAL_STATE: LightNodeState = {
  phase: 'starting',
  error: undefined,
  chain: undefined,
  head: undefined,
  freshness: undefined,
  peers: [],
  blobs: [],
  boot: [],
  rowsVerified: 0,
  bytesIn: 0,
};
