import type { BlobView, LightNodeState } from '@perigee/sampler';
import type { ErrorObject } from '@perigee/wire';
import { alertsOf } from './alerts.ts';
import type { ChosenChain } from './chain-choice.ts';

const KEY = 'perigee/snapshot';
const VERSION = 1;
const SHOWN_BLOBS = 5;

export interface SnapshotBlob {
  readonly blobId: string;
  readonly outcome: BlobView['outcome'] | null;
  readonly drawn: number;
  readonly verified: number;
  readonly bits: number;
}

/** What the popup shows: kept, so that it is there before anything else. Plain values only. */
export interface Snapshot {
  /** When it was taken, milliseconds since 1970. */
  readonly atMs: number;
  readonly paused: boolean;
  readonly chainId: string | null;
  readonly development: boolean;
  readonly phase: LightNodeState['phase'] | null;
  readonly problem: ErrorObject | null;
  readonly head: {
    readonly height: number;
    readonly timeMs: number;
    readonly freshness: LightNodeState['freshness'] | null;
    readonly signedPower: number | null;
    /** Of the blobs that the block before recorded: how many were sampled, and the lowest of their bits. */
    readonly sampled: number;
    readonly blobs: number;
    readonly bits: number | null;
  } | null;
  readonly peers: number;
  readonly webrtc: number;
  readonly rowsVerified: number;
  readonly bytesIn: number;
  readonly blobs: readonly SnapshotBlob[];
  readonly alerts: number;
}

export interface SnapshotParts {
  readonly chain: ChosenChain | undefined;
  readonly state: LightNodeState | undefined;
  readonly paused: boolean;
  readonly problem: ErrorObject | undefined;
  readonly nowMs: number;
}

export function snapshotOf({ chain, state, paused, problem, nowMs }: SnapshotParts): Snapshot {
  const connected = state?.peers.filter((peer) => peer.connected) ?? [];
  return {
    atMs: nowMs,
    paused,
    chainId: chain?.chainId ?? null,
    development: state?.chain?.development === true,
    phase: state?.phase ?? null,
    problem: problem ?? state?.error ?? null,
    head: headOf(state),
    peers: connected.length,
    webrtc: connected.filter(({ transport }) => transport === 'webrtc-direct').length,
    rowsVerified: state?.rowsVerified ?? 0,
    bytesIn: state?.bytesIn ?? 0,
    blobs: (state?.blobs ?? []).slice(0, SHOWN_BLOBS).map(blobOf),
    alerts: state === undefined ? 0 : alertsOf(state).length,
  };
}

function headOf(state: LightNodeState | undefined): Snapshot['head'] {
  if (state?.head === undefined) return null;
  const { height, timeMs, signedPower, confidence } = state.head;
  return {
    height,
    timeMs,
    freshness: state.freshness ?? null,
    signedPower: signedPower ?? null,
    sampled: confidence?.sampled ?? 0,
    blobs: confidence?.blobs ?? 0,
    bits: confidence?.bits ?? null,
  };
}

function blobOf({ blobId, outcome, rows, verified, confidence }: BlobView): SnapshotBlob {
  return { blobId, outcome: outcome ?? null, drawn: rows.length, verified, bits: confidence?.availabilityBits ?? 0 };
}

/** What was kept last; `undefined` where nothing is, or a later release wrote it: it comes anew in a moment. */
export function readSnapshot(storage: () => Pick<Storage, 'getItem'>): Snapshot | undefined {
  try {
    const { version, snapshot } = JSON.parse(storage().getItem(KEY) ?? '{}') as { version?: unknown; snapshot?: Snapshot };
    return version === VERSION ? snapshot : undefined;
  } catch {
    return undefined;
  }
}

export function keepSnapshot(storage: () => Pick<Storage, 'setItem'>, snapshot: Snapshot): void {
  try {
    storage().setItem(KEY, JSON.stringify({ version: VERSION, snapshot }));
  } catch {
    // full or blocked: the popup shows what comes
  }
}
