import type { Clock } from '@perigee/light-core/roles';
import { createStopController, eitherSignal, type Host, open, segmentsProtocol, segmentUploadProtocol } from '@perigee/net';
import {
  type ErrorCode,
  FILE_SEGMENT_BYTES,
  MAX_SYNC_FILES,
  MAX_SYNC_SEGMENTS,
  MAX_SYNC_UNAVAILABLE,
  PerigeeError,
  type SegmentAnswer,
  SYNC_LOOK_MS,
  SYNC_PATIENCE_MS,
  SYNC_WINDOW_FILES,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { LogFile } from '../log/kept-file.ts';
import { FilePass } from './file-pass.ts';
import { FileWaits } from './file-waits.ts';
import { isLie } from './lies.ts';
import { type SegmentPeer, type SyncPeer, SyncPeers } from './sync-peers.ts';

/** Where room for what is fetched is held, as for uploads. */
interface Room {
  /** @throws BUSY, STORE_FULL */
  hold(peerId: string, txSeq: number, missingBytes: number): void;
  release(peerId: string, txSeq: number): void;
}

/** Under this name the room is held: no peer has it. */
const OWN_NAME = 'sync';

export interface SegmentSyncOptions {
  readonly host: Host;
  readonly log: FileLog;
  readonly room: Room;
  readonly clock: Clock;
  /** Nodes of the same chain that store files; asked for at each look. */
  readonly peers: () => readonly SegmentPeer[];
  /** Told of peers that sent what does not verify, and of what ails this node. */
  readonly onFault: (error: PerigeeError) => void;
  /** See SYNC_PATIENCE_MS. */
  readonly patienceMs?: number;
}

export interface SyncStats {
  /** Files that are being fetched. */
  readonly files: number;
  /** Segments that are on their way. */
  readonly segments: number;
  /** Segments that were fetched, verified, and are on disk, since the start. */
  readonly fetched: number;
  /** Peers that are not asked any more, and why. */
  readonly banned: ReadonlyMap<string, ErrorCode>;
}

/** A segment of a request. */
interface Run {
  readonly pass: FilePass;
  readonly peer: SyncPeer;
  readonly indices: readonly number[];
  readonly stop: AbortController;
}

/**
 * Fetches what the log misses from other nodes: several files, peers and segments side by side, each segment verified before it is written. What
 * was fetched is in the log, so whatever ends this, it goes on from there.
 */
export class SegmentSync {
  readonly #options: SegmentSyncOptions;
  readonly #peers: SyncPeers;
  readonly #waits: FileWaits;
  readonly #stop = createStopController();
  readonly #passes = new Map<number, FilePass>();
  readonly #runs = new Set<Run>();
  readonly #work = new Set<Promise<void>>();
  /** Submissions below were known when this began: nobody is on the way with them. */
  readonly #firstNew: number;
  /** Files are looked at from this number on, in turn. */
  #cursor = 0;
  #segments = 0;
  #fetched = 0;
  #running: Promise<void> | undefined;

  constructor(options: SegmentSyncOptions) {
    this.#options = options;
    this.#peers = new SyncPeers(() => options.peers().filter(({ peerId }) => peerId !== options.host.peerId));
    this.#waits = new FileWaits(options.patienceMs ?? SYNC_PATIENCE_MS);
    this.#firstNew = options.log.nextTxSeq;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all(this.#work);
  }

  stats(): SyncStats {
    return { files: this.#passes.size, segments: this.#segments, fetched: this.#fetched, banned: this.#peers.banned };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#look();
      await this.#options.clock.sleep(SYNC_LOOK_MS, signal).catch(() => {});
    }
  }

  /** Ends what is over, begins what is due, and gives every peer what it may answer. */
  #look(): void {
    if (this.#stop.signal.aborted) return;
    const now = this.#options.clock.now();
    if (this.#peers.refresh()) this.#waits.reset();
    const peers = this.#peers.usable(now);
    for (const pass of this.#passes.values()) pass.drop(peers);
    for (const pass of this.#passes.values()) this.#endIfOver(pass, now);
    if (peers.length > 0) this.#begin(now);
    for (let asked = true; asked; ) {
      asked = false;
      for (const peer of peers) if (this.#ask(peer, now)) asked = true;
    }
  }

  /** One request to a peer, if there is one to make. */
  #ask(peer: SyncPeer, now: number): boolean {
    const most = MAX_SYNC_SEGMENTS - this.#segments;
    if (!peer.isFree(now) || most <= 0) return false;
    if (peer.shard === undefined) {
      const [pass] = this.#passes.values();
      if (pass === undefined || peer.requests > 0) return false;
      this.#track(peer, this.#askShard(peer, pass.file));
      return true;
    }
    for (const pass of this.#passes.values()) {
      const indices = pass.take(peer, now, most);
      if (indices === undefined) continue;
      const run = { pass, peer, indices, stop: new AbortController() };
      this.#runs.add(run);
      this.#segments += indices.length;
      this.#track(
        peer,
        this.#fetch(run).finally(() => {
          this.#runs.delete(run);
          this.#segments -= indices.length;
        }),
      );
      return true;
    }
    return false;
  }

  #track(peer: SyncPeer, work: Promise<void>): void {
    peer.requests += 1;
    const done = work.finally(() => {
      peer.requests -= 1;
      this.#work.delete(done);
      this.#look();
    });
    this.#work.add(done);
  }

  /** Which segments a peer keeps: a question about any file tells. */
  async #askShard(peer: SyncPeer, { txSeq, root, length }: LogFile): Promise<void> {
    const request = { txSeq, root, length, segments: [], heldFrom: 0 };
    try {
      const client = open(this.#options.host, peer.known, segmentUploadProtocol);
      peer.learn(await client.callOne(request, { signal: this.#stop.signal }));
      peer.succeeded();
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      this.#failed(peer, error);
      // it will hear of the file in a moment
      if (isRemote(error, 'NOT_FOUND')) peer.busy(this.#options.clock.now());
    }
  }

  async #fetch(run: Run): Promise<void> {
    const { pass, peer, indices } = run;
    const answers: SegmentAnswer[] = [];
    let failure: PerigeeError | undefined;
    try {
      for await (const answer of this.#request(run)) answers.push(answer);
    } catch (error) {
      failure = PerigeeError.from(error);
    }
    try {
      // what came before a failure is as good as any
      if (answers.length > 0) await this.#write(run, answers);
    } catch (error) {
      failure = PerigeeError.from(error);
    }
    if (failure === undefined) peer.succeeded();
    else if (this.#failed(peer, failure)) pass.isBroken = true;
    const lacks = failure === undefined || isRemote(failure, 'NOT_FOUND');
    for (const index of indices) pass.missed(peer, index, lacks);
  }

  /** @throws SEGMENT_INDEX when a segment comes that was not asked for, and what the request throws */
  async *#request({ pass, peer, indices, stop }: Run): AsyncGenerator<SegmentAnswer, void, undefined> {
    const { txSeq } = pass.file;
    const [first = 0] = indices;
    const signal = eitherSignal(this.#stop.signal, stop.signal);
    const client = open(this.#options.host, peer.known, segmentsProtocol);
    let next = first;
    for await (const answer of client.call({ txSeq, first, count: indices.length }, { signal })) {
      if (answer.index < next || answer.index >= first + indices.length) {
        throw new PerigeeError('SEGMENT_INDEX', `segment ${answer.index} came, of ${indices.length} from ${first} on`);
      }
      next = answer.index + 1;
      yield answer;
    }
  }

  async #write({ pass }: Run, answers: readonly SegmentAnswer[]): Promise<void> {
    await this.#options.log.write(pass.file.txSeq, answers);
    for (const { index } of answers) {
      if (pass.isWanted(index)) this.#fetched += 1;
      pass.got(index);
    }
    // who else was asked for all of it, and nothing more, need not go on
    for (const other of this.#runs) {
      if (other.pass === pass && !other.indices.some((index) => pass.isWanted(index))) other.stop.abort();
    }
    if (this.#passes.has(pass.file.txSeq)) this.#hold(pass.file);
  }

  /** Room for what is missing of a file. @returns why there is none */
  #hold(file: LogFile): PerigeeError | undefined {
    const { log, room } = this.#options;
    const { missing } = log.status(file);
    try {
      room.hold(OWN_NAME, file.txSeq, Math.min(missing * FILE_SEGMENT_BYTES, file.length));
      return undefined;
    } catch (error) {
      return PerigeeError.from(error);
    }
  }

  /** @returns whether this node is at fault, not the peer */
  #failed(peer: SyncPeer, error: PerigeeError): boolean {
    const { clock, onFault } = this.#options;
    if (error.code === 'ABORTED' && error.data?.remote !== true) return false;
    if (isLie(error)) {
      // it may have been found out by another of its answers
      if (this.#peers.banned.has(peer.peerId)) return false;
      this.#peers.ban(peer.peerId, error.code);
      for (const run of this.#runs) if (run.peer === peer) run.stop.abort();
      const words = `peer ${peer.peerId} is not asked for segments any more: ${error.message}`;
      onFault(new PerigeeError(error.code, words, { data: { peerId: peer.peerId }, cause: error }));
      return false;
    }
    if (error.data?.remote !== true && OURS.has(error.code)) {
      onFault(error);
      return true;
    }
    if (error.code === 'BUSY') peer.busy(clock.now());
    else if (!isRemote(error, 'NOT_FOUND')) peer.failed(clock.now());
    return false;
  }

  #begin(now: number): void {
    const { log, onFault } = this.#options;
    if (this.#passes.size >= MAX_SYNC_FILES) return;
    const files = log.unfinished(SYNC_WINDOW_FILES, this.#cursor);
    // from the beginning again
    if (files.length < SYNC_WINDOW_FILES) this.#cursor = 0;
    for (const file of files) {
      const { txSeq } = file;
      if (this.#passes.size >= MAX_SYNC_FILES) {
        this.#cursor = txSeq;
        return;
      }
      const { missing } = log.status(file);
      if (this.#passes.has(txSeq) || !this.#waits.isDue(txSeq, missing, now, txSeq >= this.#firstNew)) continue;
      const refusal = this.#hold(file);
      if (refusal !== undefined) {
        // room that is only promised comes free in a moment: who waits longer each time would find it promised each time
        if (refusal.code === 'STORE_FULL' && this.#passes.size > 0 && refusal.data?.fitsWithoutPromises === true) continue;
        if (refusal.code === 'STORE_FULL') onFault(refusal);
        this.#waits.again(txSeq, missing, now);
        continue;
      }
      this.#passes.set(txSeq, new FilePass(file, log));
    }
    if (files.length === SYNC_WINDOW_FILES) this.#cursor = (files.at(-1)?.txSeq ?? -1) + 1;
  }

  #endIfOver(pass: FilePass, now: number): void {
    const { log, room } = this.#options;
    const { txSeq } = pass.file;
    if (pass.unavailable >= MAX_SYNC_UNAVAILABLE) pass.isBroken = true;
    if (!pass.isOver) return;
    this.#passes.delete(txSeq);
    room.release(OWN_NAME, txSeq);
    const { finalized, missing } = log.status(pass.file);
    if (finalized) this.#waits.forget(txSeq);
    else this.#waits.again(txSeq, missing, now);
  }
}

/** What ails this node, whoever was asked. */
const OURS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['STORE_FULL', 'STORE_CORRUPT', 'STORE_VERSION', 'INTERNAL']);

function isRemote({ code, data }: PerigeeError, which: ErrorCode): boolean {
  return data?.remote === true && code === which;
}
