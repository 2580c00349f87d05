import { checkShard, holdsSegment, type Shard } from '@perigee/light-core/storage';
import type { KnownPeer } from '@perigee/net';
import {
  BUSY_RETRY_MS,
  type ErrorCode,
  MAX_BANNED_PEERS,
  MAX_IN_FLIGHT,
  SYNC_PEER_PAUSE_MAX_MS,
  SYNC_PEER_PAUSE_MS,
} from '@perigee/wire';
import type { LogFile } from '../log/kept-file.ts';

/** Another node that stores files. */
export type SegmentPeer = KnownPeer & {
  /** What it says that it keeps; it is asked where nobody knows. */
  readonly shard?: Shard;
};

/** A peer as it is asked. */
export class SyncPeer {
  known: SegmentPeer;
  /** Requests that it has not answered. */
  requests = 0;
  #shard: Shard | undefined;
  #pausedUntilMs = 0;
  #pauseMs = SYNC_PEER_PAUSE_MS;

  constructor(known: SegmentPeer) {
    this.known = known;
  }

  get peerId(): string {
    return this.known.peerId;
  }

  get shard(): Shard | undefined {
    return this.known.shard ?? this.#shard;
  }

  /** @throws INVALID_ARGUMENT when there is no such shard */
  learn(shard: Shard): void {
    this.#shard = checkShard(shard);
  }

  isUsable(nowMs: number): boolean {
    return this.#pausedUntilMs <= nowMs;
  }

  isFree(nowMs: number): boolean {
    return this.isUsable(nowMs) && this.requests < MAX_IN_FLIGHT;
  }

  mayHold({ startSector }: LogFile, index: number): boolean {
    return this.shard === undefined || holdsSegment(this.shard, startSector, index);
  }

  /** It answered. */
  succeeded(): void {
    this.#pauseMs = SYNC_PEER_PAUSE_MS;
  }

  /** It is asked again when a moment has passed. */
  busy(nowMs: number): void {
    this.#pausedUntilMs = nowMs + BUSY_RETRY_MS;
  }

  /** It is left alone, each time for longer. A node that restarts may keep another shard. */
  failed(nowMs: number): void {
    this.#pausedUntilMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, SYNC_PEER_PAUSE_MAX_MS);
    this.#shard = undefined;
  }
}

/** Who can be asked. */
export class SyncPeers {
  readonly #source: () => readonly SegmentPeer[];
  #peers = new Map<string, SyncPeer>();
  readonly #banned = new Map<string, ErrorCode>();

  constructor(source: () => readonly SegmentPeer[]) {
    this.#source = source;
  }

  /** Peers that sent what does not verify, and how that was found out. */
  get banned(): ReadonlyMap<string, ErrorCode> {
    return this.#banned;
  }

  /** @returns whether somebody is there who was not before */
  refresh(): boolean {
    const peers = new Map<string, SyncPeer>();
    let isNew = false;
    for (const known of this.#source()) {
      if (this.#banned.has(known.peerId)) continue;
      const peer = this.#peers.get(known.peerId);
      if (peer === undefined) isNew = true;
      else peer.known = known;
      peers.set(known.peerId, peer ?? new SyncPeer(known));
    }
    this.#peers = peers;
    return isNew;
  }

  usable(nowMs: number): SyncPeer[] {
    return [...this.#peers.values()].filter((peer) => peer.isUsable(nowMs));
  }

  ban(peerId: string, code: ErrorCode): void {
    this.#peers.delete(peerId);
    const [oldest] = this.#banned.keys();
    if (this.#banned.size >= MAX_BANNED_PEERS && oldest !== undefined) this.#banned.delete(oldest);
    this.#banned.set(peerId, code);
  }
}
