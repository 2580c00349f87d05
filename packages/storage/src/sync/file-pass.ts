import { MAX_SEGMENTS_PER_REQUEST, SYNC_HEDGE_MS, SYNC_LOOKAHEAD_SEGMENTS } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { LogFile } from '../log/kept-file.ts';
import type { SyncPeer } from './sync-peers.ts';

interface Asked {
  readonly peerIds: Set<string>;
  sinceMs: number;
}

/** Peers that one segment is asked of at a time. */
const ASKED_AT_ONCE = 2;

/** One look through the missing segments of a file: which are to be asked for, of whom they were, and which nobody has. */
export class FilePass {
  readonly file: LogFile;
  readonly #log: FileLog;
  /** Segments below were looked at. */
  #next = 0;
  /** Not asked for at present, ascending: SYNC_LOOKAHEAD_SEGMENTS at most, and those that came back. */
  #open: number[] = [];
  readonly #asked = new Map<number, Asked>();
  /** Peers that did not have a segment when they were asked. */
  readonly #lacking = new Map<number, Set<string>>();
  #unavailable = 0;
  /** Something of it went wrong here: nothing more is asked for. */
  isBroken = false;

  constructor(file: LogFile, log: FileLog) {
    this.file = file;
    this.#log = log;
  }

  /** Segments that nobody had. */
  get unavailable(): number {
    return this.#unavailable;
  }

  /** Whether nothing is on its way, and nothing left to ask for. */
  get isOver(): boolean {
    return this.#asked.size === 0 && (this.isBroken || (this.#open.length === 0 && this.#nextMissing() === undefined));
  }

  /**
   * A run of segments for a peer that may have them: one that nobody was asked for, else one that another peer keeps back.
   *
   * @param most segments at once
   */
  take(peer: SyncPeer, nowMs: number, most: number): number[] | undefined {
    if (this.isBroken) return undefined;
    this.#lookAhead();
    const at = this.#open.findIndex((index) => this.#mayGive(peer, index));
    const first = this.#open[at];
    if (first === undefined) return this.#hedge(peer, nowMs);
    const run = [first];
    const longest = Math.min(most, MAX_SEGMENTS_PER_REQUEST);
    for (let next = this.#open[at + 1]; run.length < longest && next !== undefined; next = this.#open[at + run.length]) {
      if (next !== first + run.length || !this.#mayGive(peer, next)) break;
      run.push(next);
    }
    this.#open.splice(at, run.length);
    for (const index of run) this.#asked.set(index, { peerIds: new Set([peer.peerId]), sinceMs: nowMs });
    return run;
  }

  /** Leaves out what came otherwise, and what none of these peers may have. */
  drop(peers: readonly SyncPeer[]): void {
    this.#lookAhead();
    const missing = this.#open.filter((index) => this.#log.wants(this.file, index));
    this.#open = missing.filter((index) => peers.some((peer) => this.#mayGive(peer, index)));
    this.#unavailable += missing.length - this.#open.length;
  }

  /** It is on disk. */
  got(index: number): void {
    this.#asked.delete(index);
    this.#lacking.delete(index);
  }

  /** Whether somebody may still bring it. */
  isWanted(index: number): boolean {
    return this.#asked.has(index);
  }

  /** A peer does not bring a segment. @param lacks whether it says that it has not got it */
  missed(peer: SyncPeer, index: number, lacks: boolean): void {
    const asked = this.#asked.get(index);
    if (asked === undefined) return;
    if (lacks) this.#lacking.set(index, (this.#lacking.get(index) ?? new Set()).add(peer.peerId));
    asked.peerIds.delete(peer.peerId);
    if (asked.peerIds.size > 0) return;
    this.#asked.delete(index);
    this.#open.push(index);
    this.#open.sort((a, b) => a - b);
  }

  #hedge(peer: SyncPeer, nowMs: number): number[] | undefined {
    for (const [index, asked] of this.#asked) {
      if (nowMs - asked.sinceMs < SYNC_HEDGE_MS || asked.peerIds.size >= ASKED_AT_ONCE) continue;
      if (asked.peerIds.has(peer.peerId) || !this.#mayGive(peer, index)) continue;
      asked.peerIds.add(peer.peerId);
      asked.sinceMs = nowMs;
      return [index];
    }
    return undefined;
  }

  #mayGive(peer: SyncPeer, index: number): boolean {
    return peer.mayHold(this.file, index) && this.#lacking.get(index)?.has(peer.peerId) !== true;
  }

  #lookAhead(): void {
    while (this.#open.length < SYNC_LOOKAHEAD_SEGMENTS) {
      const index = this.#nextMissing();
      if (index === undefined) return;
      this.#next = index + 1;
      this.#open.push(index);
    }
  }

  #nextMissing(): number | undefined {
    return this.#log.nextMissing(this.file.txSeq, this.#next);
  }
}
