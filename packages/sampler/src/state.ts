/**
 * What a view may show. One immutable snapshot a change: network → verify worker → engine state → view.
 * Everything that is said of the chain, a blob or a row was verified, unless its name says `hint`.
 */
import type { ErrorData, ErrorObject, StorageOffer } from '@perigee/wire';
import type { BudgetsView } from './budgets/index.ts';

export type { Budgets, BudgetsView } from './budgets/index.ts';

/** How far the node has come. `live`: a head is verified and followed; `connecting` with a head: nobody is left to follow it with. */
export type Phase = 'starting' | 'connecting' | 'verifying' | 'live' | 'stopped' | 'failed';

/** Transport of a connection, by its address. */
export type Transport = 'webrtc-direct' | 'webtransport' | 'webrtc' | 'websocket' | 'tcp' | 'other';

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
  /** Longest retention of a blob, blocks. Proved with it. */
  readonly maxRetentionBlocks: number | undefined;
  /** Numbers below which no collateral of hardware is taken, by name. Proved with it. */
  readonly collateralFloors: Readonly<Record<string, number>> | undefined;
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
  /** Share of the voting power that signed it, 0 to 1. */
  readonly signedPower: number | undefined;
  /**
   * PROTOCOL §4: what was sampled of the blobs that one block recorded, the latest under this header that is proved to have any; `undefined` until a
   * list of blobs was proved.
   */
  readonly confidence: HeadConfidence | undefined;
}

/** How a header was verified. `anchor`: the trust root names it; `sequential`, `skipping`: by an earlier header; `kept`: on an earlier visit. */
export type HeaderWay = 'anchor' | 'sequential' | 'skipping' | 'kept';

/** One verified header, a head or a step on the way to one. */
export interface HeaderView {
  readonly height: number;
  /** Hexadecimal. */
  readonly headerHash: string;
  /** Header time, milliseconds since 1970. */
  readonly timeMs: number;
  /** Address of who proposed the block, hexadecimal. */
  readonly proposer: string;
  readonly validators: number;
  readonly way: HeaderWay;
  /** Height of the header that vouches for it; `undefined` for `anchor` and `kept`. */
  readonly from: number | undefined;
  /** Signatures that were checked to verify it. */
  readonly signatures: number;
  /** Share of the voting power that signed it, 0 to 1; `undefined` where that was not counted. */
  readonly signedPower: number | undefined;
  /** What the verification took in the worker, milliseconds. */
  readonly verifyMs: number;
}

/** "n of m blobs sampled", and the lowest of their bits; no blob at all leaves nothing to doubt. */
export interface HeadConfidence {
  /** Block that recorded the blobs; without any, the latest that is proved to have none, as have those followed before it. */
  readonly height: number;
  readonly sampled: number;
  readonly blobs: number;
  /** Lowest availability bits of those sampled; `undefined` while none is. */
  readonly bits: number | undefined;
}

/** The local clock against verified header times (PROTOCOL §5). `behind` makes headers look as if they came from the future. */
export interface ClockView {
  readonly state: 'unknown' | 'ok' | 'behind' | 'ahead';
  /** How far, milliseconds; 0 when `ok` or `unknown`. */
  readonly offsetMs: number;
}

export interface RowView {
  readonly index: number;
  readonly verdict: RowVerdict;
  /** Peer that answered, or was asked last. */
  readonly peerId: string | undefined;
  readonly transport: Transport | undefined;
  /** That peer is another page. */
  readonly fromPage: boolean;
  /** From question to answer, milliseconds. */
  readonly answerMs: number | undefined;
  /** Path and coding check in the worker, microseconds. */
  readonly verifyUs: number | undefined;
  readonly bytes: number;
}

/**
 * What sampling came to (PROTOCOL §4). `available`: enough bits; `unavailable`: K rows would hardly have shown so few; `inconclusive`: neither, within
 * the budget, and retrieval decides; `badEncoding`: its signers certified what is no codeword; `expired`: nobody owes its rows any more.
 */
export type Outcome = 'available' | 'unavailable' | 'inconclusive' | 'badEncoding' | 'expired';

/** What the evidence counts for; the two confidences are never added up. */
export interface Confidence {
  /** Distinct rows drawn, each in the denominator whatever became of it. */
  readonly drawn: number;
  readonly verified: number;
  /** Looks at the evidence so far. */
  readonly rounds: number;
  /** Rows that may be drawn at most. */
  readonly budget: number;
  /** Bits at which the blob is called available: 40, or 20 with a light budget. */
  readonly target: number;
  readonly availabilityBits: number;
  readonly unavailabilityBits: number;
  /** From own verified rows of one row root; 0 once one failed. */
  readonly encodingBits: number;
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
        /** Rows in all over original rows. */
        readonly redundancy: number;
        /** Hexadecimal. */
        readonly namespace: string;
        /** Basis points asked for beyond the floor; 0 asks for the floor. */
        readonly quorum: number;
        readonly persist: boolean;
        /** Address, hexadecimal. */
        readonly publisher: string;
        readonly epoch: number;
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
  readonly confidence: Confidence | undefined;
  /** `undefined` until sampling has ended. */
  readonly outcome: Outcome | undefined;
  /** It was handed over to who stores files: it can be had when its rows are gone. */
  readonly stored: boolean;
  /** When the outcome was found, milliseconds since 1970: a verdict has a time. */
  readonly outcomeAtMs: number | undefined;
  /** Whether this was found on an earlier visit: nothing of it counts as sampled now. */
  readonly earlier: boolean;
  /** Id of the evidence that was kept, for `LightNode.evidence`. */
  readonly evidenceId: string | undefined;
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
  /** It is another page: a light node in a browser, whose rows are verified as any other, and which counts as no committee key. */
  readonly isPage: boolean;
  readonly roles: readonly string[];
  /** What it says that it stores of the flow. */
  readonly storage: StorageOffer | undefined;
  readonly rowsVerified: number;
  readonly rowsFailed: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Median time from question to answer, milliseconds; `undefined` before the first answer. */
  readonly latencyMs: number | undefined;
  /** 0 to 1: share of good answers among the last ones, the later the heavier. Who has none yet has 0.5. */
  readonly score: number;
  /** Why the peer is not asked any more. */
  readonly banned: string | undefined;
  readonly error: string | undefined;
}

/** What happened, for a list that people read; words are the view's. */
export interface NodeEvent {
  /** Counts up. */
  readonly id: number;
  readonly atMs: number;
  readonly kind: EventKind;
  /** What it is about: a peer id, a blob id, a height. */
  readonly about: string;
  readonly data: ErrorData;
}

export type EventKind =
  | 'head'
  | 'connected'
  | 'disconnected'
  | 'banned'
  | 'sampling'
  | 'outcome'
  | 'row'
  | 'evidence'
  | 'retrieved'
  | 'clock'
  | 'conflict'
  | 'storage'
  | 'error';

/** Transferable evidence that was found and kept. */
export interface EvidenceView {
  readonly id: string;
  readonly blobId: string;
  readonly foundAtMs: number;
  /** Size of the file, bytes. */
  readonly bytes: number;
}

/** What is kept on this device. */
export interface StorageView {
  readonly usedBytes: number;
  readonly budgetBytes: number;
  /** Why nothing is kept, in a code; `undefined` when all is well. */
  readonly error: ErrorObject | undefined;
}

/** What this page and others give each other. */
export interface SharingView {
  readonly enabled: boolean;
  /** Bytes of rows that it gives at most. */
  readonly bytesPerSecond: number;
  readonly bytesPerDay: number;
  /** Relays that it can be introduced by, and pages that it is connected to. */
  readonly relays: number;
  readonly pages: number;
  /** Rows that it gave to pages, and verified rows that pages gave it, since it was started; and what it gave today, bytes. */
  readonly rowsServed: number;
  readonly bytesServed: number;
  readonly bytesServedToday: number;
  readonly rowsReceived: number;
  readonly bytesReceived: number;
  readonly receipts: readonly ReceiptsView[];
}

/**
 * Light nodes that say that they have sampled a blob too. Their signatures were verified; that they are many persons was not, and cannot be: keys are
 * free. It counts for no confidence.
 */
export interface ReceiptsView {
  /** Hexadecimal. */
  readonly blobId: string;
  /** Different keys. */
  readonly keys: number;
  /** Rows that they say to have verified, all together. */
  readonly rows: number;
}

export interface LightNodeState {
  readonly phase: Phase;
  readonly error: ErrorObject | undefined;
  readonly chain: ChainView | undefined;
  readonly head: HeadView | undefined;
  /** Verified last first, bounded. */
  readonly headers: readonly HeaderView[];
  /** By the injected clock at the time of the snapshot. */
  readonly freshness: Freshness | undefined;
  readonly peers: readonly PeerView[];
  /** Newest on the chain first. */
  readonly blobs: readonly BlobView[];
  readonly boot: readonly BootStep[];
  readonly rowsVerified: number;
  readonly bytesIn: number;
  /** Bytes sent to peers. */
  readonly bytesOut: number;
  readonly clock: ClockView;
  /** Newest last, bounded. */
  readonly events: readonly NodeEvent[];
  readonly evidence: readonly EvidenceView[];
  /** `undefined` where nothing is to be kept. */
  readonly storage: StorageView | undefined;
  readonly budgets: BudgetsView;
  /** `undefined` where it shares nothing, and before that has begun. */
  readonly sharing: SharingView | undefined;
}

/** Of a snapshot that one program shows another as JSON: what is `undefined` is left out of it. It counts up when a field changes its meaning or goes. */
export const SHOWN_STATE_VERSION = 1;

export const INITIAL_STATE: LightNodeState = {
  phase: 'starting',
  error: undefined,
  chain: undefined,
  head: undefined,
  headers: [],
  freshness: undefined,
  peers: [],
  blobs: [],
  boot: [],
  rowsVerified: 0,
  bytesIn: 0,
  bytesOut: 0,
  clock: { state: 'unknown', offsetMs: 0 },
  events: [],
  evidence: [],
  storage: undefined,
  budgets: {
    caps: {},
    cpuShare: 0,
    bytesPerSecond: 0,
    bytesToday: 0,
    throttledBy: [],
    resumesAtMs: undefined,
  },
  sharing: undefined,
};
