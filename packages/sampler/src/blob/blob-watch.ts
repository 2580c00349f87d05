import type { CanonicalCommittee, ChainView } from '@perigee/light-core/da';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { abortable, eitherSignal } from '@perigee/net';
import {
  type BlobRecord,
  type ErrorData,
  fromHex,
  MAX_FOLLOWED_BLOBS,
  MAX_ROW_EVENTS_PER_BLOB,
  MAX_SAMPLED_BLOBS,
  MAX_WATCHED_BLOBS,
  PerigeeError,
  type Prime,
  type RowProof,
  SLOW_BLOB_MS,
  toHex,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { BlobLists } from '../lists/index.ts';
import type { OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { BlobView, BootStep, EventKind, HeadConfidence, Outcome, RowView } from '../state.ts';
import type { Verifier } from '../verify/verifier.ts';
import { BlobHints } from './blob-hints.ts';
import { type BadEncoding, BlobSampler, type Budget } from './blob-sampler.ts';
import { RecordedBlobs } from './recorded-blobs.ts';
import { SharedRun } from './shared-run.ts';
import { newWatched, viewOf, type WatchedBlob } from './watched-blob.ts';

export interface BlobWatchOptions {
  readonly follower: ChainFollower;
  readonly chain: ChainView;
  /** The proved record of a blob that somebody names. @throws NOT_FOUND, UNPROVEN, ABORTED */
  readonly recordOf: (blobId: Uint8Array, signal: AbortSignal) => Promise<BlobRecord>;
  readonly lists: BlobLists;
  readonly verify: Pool<Verifier>;
  readonly peers: () => readonly Peer[];
  readonly isBanned: (member: string) => boolean;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  readonly onStep: (name: BootStep['name']) => void;
  readonly onEvent: (kind: EventKind, about: string, data?: ErrorData) => void;
  /** The signers of a blob are convicted. @returns the id of the evidence, `undefined` when it could not be put together */
  readonly onBadEncoding: (record: BlobRecord, committee: CanonicalCommittee, found: BadEncoding) => Promise<string | undefined>;
  /** A row was verified: it may be kept. Its bytes are a view that others use later. */
  readonly onProof?: (blobId: string, proof: RowProof) => void;
  /** What the rows of a blob are verified against, once that holds. */
  readonly onPrime?: (blobId: string, prime: Prime) => void;
  /** What sampling came to, once for each sample that ended. */
  readonly onOutcome?: (view: BlobView) => void;
  readonly onChange: () => void;
  /** Holds up what is sampled unasked. @throws ABORTED */
  readonly pass?: (signal: AbortSignal) => Promise<void>;
}

/** Samples blobs as they are recorded and on demand, a few at once. */
export class BlobWatch {
  rowsVerified = 0;
  readonly #options: BlobWatchOptions;
  readonly #hints = new BlobHints();
  readonly #recorded: RecordedBlobs;
  /** By id in hexadecimal, the one begun last at the end. */
  readonly #watched = new Map<string, WatchedBlob>();
  /** Those that are being sampled. */
  readonly #running = new Map<string, SharedRun<WatchedBlob>>();
  readonly #followed = new Set<Promise<unknown>>();
  /** Id of the blob that newer ones do not push out, hexadecimal. */
  #held: string | undefined;
  /** Proved because peers spoke of them, and not begun. */
  #ready: BlobRecord[] = [];
  #following = false;
  /** Something came while the follower was at work: it looks once more. */
  #again = false;
  #glanced = false;

  constructor(options: BlobWatchOptions) {
    this.#options = options;
    this.#recorded = new RecordedBlobs(options.lists, options.random);
    const stop = options.follower.onHead(({ height }) => this.#expire(height));
    options.signal.addEventListener('abort', stop, { once: true });
  }

  /** Newest first, by the height that recorded them: blobs are not sampled in that order. */
  views(): BlobView[] {
    const height = ({ record }: WatchedBlob): number => record.height;
    return [...this.#watched.values()].sort((a, b) => height(b) - height(a)).map(viewOf);
  }

  /** What was sampled of the blobs of the latest block that recorded any; `undefined` until a list was proved. */
  headConfidence(): HeadConfidence | undefined {
    const latest = this.#recorded.latest();
    if (latest === undefined) return undefined;
    const { height, blobIds } = latest;
    const sampled = blobIds.flatMap((id) => {
      const blob = this.#watched.get(id);
      if (blob?.outcome === undefined || blob.sampler === undefined) return [];
      // rows of what is no codeword say nothing of what it should be
      return [blob.outcome === 'badEncoding' ? 0 : blob.sampler.confidence.availabilityBits];
    });
    return {
      height,
      sampled: sampled.length,
      blobs: blobIds.length,
      bits: sampled.length === 0 ? undefined : Math.min(...sampled),
    };
  }

  /**
   * A peer speaks of these, newest first. Where the chain lists its blobs, the lists say which are sampled; elsewhere each is once its record is
   * proved, and what never is, is forgotten.
   */
  hint(peer: Peer, blobIds: readonly Uint8Array[]): void {
    this.#hints.note(peer.id, blobIds);
    void this.follow();
  }

  /** Somebody looks at this blob: it is remembered however many newer ones come, until another is held. @param key its id, hexadecimal */
  hold(key: string | undefined): void {
    this.#held = key;
  }

  forget(peer: Peer): void {
    this.#hints.forget(peer.id);
  }

  /**
   * @throws NOT_FOUND when the absence of the record was proved at a current head, BLOB_EXPIRED; UNPROVEN, ABORTED, and what `BlobSampler` throws
   */
  async sample(blobId: Uint8Array, signal?: AbortSignal, budget: Budget = 'full'): Promise<BlobView> {
    const both = signal === undefined ? this.#options.signal : eitherSignal(signal, this.#options.signal);
    const record = await this.#options.recordOf(blobId, both);
    while (this.#isFull && !this.#running.has(toHex(blobId))) await abortable(this.#anyEnded(), both);
    return viewOf(await this.#sample(record, both, budget));
  }

  /**
   * Samples what the chain recorded. One blob after another, so that they do not slow each other, unless one takes long: a blob that is withheld
   * must not hide the others.
   */
  async follow(): Promise<void> {
    this.#again = true;
    if (this.#following) return;
    this.#following = true;
    const { clock, signal, pass } = this.#options;
    try {
      while (!signal.aborted) {
        await pass?.(signal).catch(() => {}); // aborted
        this.#again = false;
        await this.#look().catch(() => {}); // what could not be proved now is asked for again at the next head
        const record = await this.#next();
        if (record === undefined) {
          if (this.#again) continue;
          return;
        }
        while (this.#followed.size >= MAX_FOLLOWED_BLOBS) await Promise.race(this.#followed);
        while (this.#isFull) await this.#anyEnded();
        const run: Promise<unknown> = this.#sample(record, signal, 'full')
          .catch(() => {}) // its error is in its view
          .finally(() => this.#followed.delete(run));
        this.#followed.add(run);
        const enough = new AbortController();
        await Promise.race([run, clock.sleep(SLOW_BLOB_MS, enough.signal).catch(() => {})]);
        enough.abort();
      }
    } finally {
      this.#following = false;
    }
  }

  get #isFull(): boolean {
    return this.#running.size >= MAX_SAMPLED_BLOBS;
  }

  /** Resolves when one of those that are being sampled is over. */
  #anyEnded(): Promise<void> {
    return Promise.race([...this.#running.values()].map((run) => run.ended));
  }

  /** Learns what there is to sample at the head of now. */
  async #look(): Promise<void> {
    const { follower, signal } = this.#options;
    const height = follower.head()?.height ?? 0;
    if (height < 2) return;
    if (!this.#glanced) {
      await this.#recorded.glance(height, signal);
      this.#glanced = true;
      if (this.#recorded.queue.size > 0) return; // the rest is read beside the first sample
    }
    await this.#recorded.read(height, (key) => this.#watched.has(key), signal);
    if (!this.#recorded.hasLists) await this.#lookUpHints(height);
  }

  /** Proves the records of what peers spoke of. */
  async #lookUpHints(height: number): Promise<void> {
    const { chain, signal } = this.#options;
    const isKnown = (key: string) => this.#watched.has(key) || this.#ready.some(({ blobId }) => toHex(blobId) === key);
    const looks = this.#hints.next(height, isKnown).map((blobId) => chain.record(blobId, signal).catch(() => undefined));
    const records = (await Promise.all(looks)).filter((record) => record !== undefined && record.expiryHeight >= height);
    this.#ready = [...this.#ready, ...(records as BlobRecord[])].sort((a, b) => b.height - a.height).slice(0, MAX_WATCHED_BLOBS);
  }

  /** The blob to sample now. */
  async #next(): Promise<BlobRecord | undefined> {
    const { chain, follower, signal } = this.#options;
    const { queue } = this.#recorded;
    for (;;) {
      const blobId = queue.take(this.#watched.size < MAX_WATCHED_BLOBS);
      if (blobId === undefined) return this.#ready.shift();
      if (this.#watched.has(blobId)) continue;
      const record = await chain.record(fromHex(blobId), signal).catch(() => undefined);
      if (record !== undefined && record.expiryHeight >= (follower.head()?.height ?? 0)) return record;
    }
  }

  /** Samples a blob; who asks for one that is being sampled gets that sample. */
  #sample(record: BlobRecord, signal: AbortSignal, budget: Budget): Promise<WatchedBlob> {
    const key = toHex(record.blobId);
    let run = this.#running.get(key);
    if (run === undefined || run.isGivenUp) {
      const started = new SharedRun((until) => this.#run(record, until, budget));
      run = started;
      this.#running.set(key, started);
      void started.ended.then(() => {
        if (this.#running.get(key) === started) this.#running.delete(key);
      });
    }
    const watched = this.#watched.get(key);
    if (watched !== undefined && budget === 'full') watched.budget = budget;
    return run.join(signal);
  }

  async #run(record: BlobRecord, signal: AbortSignal, budget: Budget): Promise<WatchedBlob> {
    const { follower, chain, onStep, onEvent, onChange, onOutcome } = this.#options;
    const height = () => follower.head()?.height ?? 0;
    const watched = newWatched(record, height(), budget);
    this.#show(watched);
    try {
      const isOver = record.expiryHeight < height();
      // the state lets a committee go with the last of its blobs
      watched.committee = await chain.committee(record.epoch, signal).catch((error: unknown) => {
        if (isOver && error instanceof PerigeeError && error.code === 'COMMITTEE') return undefined;
        throw error;
      });
      if (isOver || watched.committee === undefined) {
        throw new PerigeeError(
          'BLOB_EXPIRED',
          `blob ${watched.key} expired at height ${record.expiryHeight}: nobody owes its rows any more`,
        );
      }
      const sampler = new BlobSampler({
        ...this.#options,
        record,
        committee: watched.committee,
        budget: () => watched.budget,
        height,
        signal,
        onVerified: (member) => {
          this.rowsVerified++;
          if (member !== undefined) watched.operators.add(member);
          onStep('row');
        },
        onBadRow: (row) => this.#tellRow(watched, row),
        onChange: () => {
          watched.phase = sampler.phase;
          if (sampler.phase === 'sampling') onStep('prime');
          onChange();
        },
      });
      watched.sampler = sampler;
      watched.phase = 'priming';
      onEvent('sampling', watched.key, { height: record.height });
      onChange();
      const outcome = await sampler.run();
      await this.#convict(watched);
      watched.phase = 'done';
      // retrieval may have decided meanwhile; a sample tells less
      if (watched.outcome === undefined || outcome === 'badEncoding') this.#conclude(watched, outcome);
    } catch (thrown) {
      watched.error = PerigeeError.from(thrown);
      watched.phase = 'failed';
      if (watched.error.code === 'BLOB_EXPIRED') this.#conclude(watched, 'expired');
      if (watched.error.code === 'ROW_ROOT_MISMATCH') {
        await this.#convict(watched);
        this.#conclude(watched, 'badEncoding');
      }
      throw watched.error;
    } finally {
      if (watched.outcome !== undefined) onOutcome?.(viewOf(watched));
      onChange();
    }
    return watched;
  }

  /**
   * Retrieval decides: who got the data knows that it is there, and who found it to be no codeword knows that it never was.
   *
   * @param key id of the blob, hexadecimal
   */
  decide(key: string, outcome: 'available' | 'badEncoding', evidenceId?: string): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    watched.evidenceId ??= evidenceId;
    if (watched.outcome !== outcome) this.#conclude(watched, outcome);
    this.#options.onChange();
    // while it is sampled, the end of the sample tells of it
    if (!this.#running.has(key)) this.#options.onOutcome?.(viewOf(watched));
  }

  /** A verdict has a time. Signers stay convicted, whatever a sample finds beside. */
  #conclude(watched: WatchedBlob, outcome: Outcome): void {
    const { clock, onEvent } = this.#options;
    if (watched.outcome === 'badEncoding') return;
    watched.outcome = outcome;
    watched.outcomeAtMs = clock.now();
    const { drawn = 0, verified = 0, availabilityBits = 0 } = watched.sampler?.confidence ?? {};
    onEvent('outcome', watched.key, { outcome, drawn, verified, bits: availabilityBits });
  }

  async #convict(watched: WatchedBlob): Promise<void> {
    const { record, committee, sampler } = watched;
    const found = sampler?.badEncoding;
    if (found === undefined || committee === undefined) return;
    watched.evidenceId = await this.#options.onBadEncoding(record, committee, found);
  }

  #tellRow(watched: WatchedBlob, { index, verdict, peerId }: RowView): void {
    if (watched.toldRows++ >= MAX_ROW_EVENTS_PER_BLOB) return;
    this.#options.onEvent('row', watched.key, { index, verdict, peerId: peerId ?? null });
  }

  /** Nobody owes rows past their expiry, whatever was found before; signers stay convicted. */
  #expire(height: number): void {
    for (const watched of this.#watched.values()) {
      const { record, phase, outcome } = watched;
      if (record.expiryHeight >= height || phase !== 'done' || outcome === 'expired' || outcome === 'badEncoding') continue;
      this.#conclude(watched, 'expired');
    }
  }

  /** The oldest that are not being sampled go first. */
  #show(watched: WatchedBlob): void {
    this.#watched.delete(watched.key);
    this.#watched.set(watched.key, watched);
    this.#recorded.queue.delete(watched.key);
    for (const oldest of this.#watched.keys()) {
      if (this.#watched.size <= MAX_WATCHED_BLOBS) break;
      if (!this.#running.has(oldest) && oldest !== watched.key && oldest !== this.#held) this.#watched.delete(oldest);
    }
    this.#options.onChange();
  }
}
