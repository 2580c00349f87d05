import { type CanonicalCommittee, type ChainView, readSigners } from '@perigee/light-core/da';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import {
  type BlobRecord,
  MAX_FOLLOWED_BLOBS,
  MAX_SAMPLED_BLOBS,
  MAX_WATCHED_BLOBS,
  PerigeeError,
  SLOW_BLOB_MS,
  toHex,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { BlobView, BootStep } from '../state.ts';
import type { Verifier } from '../verify/verifier.ts';
import { BlobHints } from './blob-hints.ts';
import { BlobSampler } from './blob-sampler.ts';

export interface BlobWatchOptions {
  readonly follower: ChainFollower;
  readonly chain: ChainView;
  readonly verify: Pool<Verifier>;
  readonly peers: () => readonly Peer[];
  readonly isBanned: (member: string) => boolean;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
  readonly onStep: (name: BootStep['name']) => void;
  readonly onChange: () => void;
}

/** One blob from the first word about it to its last verdict. */
interface Watched {
  readonly key: string;
  phase: BlobView['phase'];
  error: PerigeeError | undefined;
  readonly record: BlobRecord;
  committee: CanonicalCommittee | undefined;
  provedAt: number | undefined;
  sampler: BlobSampler | undefined;
  readonly operators: Set<string>;
}

/** Samples blobs as they are recorded and on demand, a few at once. */
export class BlobWatch {
  rowsVerified = 0;
  bytesIn = 0;
  readonly #options: BlobWatchOptions;
  readonly #hints = new BlobHints();
  /** By id in hexadecimal, the one begun last at the end. */
  readonly #watched = new Map<string, Watched>();
  /** Those that are being sampled. */
  readonly #running = new Map<string, Promise<Watched>>();
  readonly #followed = new Set<Promise<unknown>>();
  /** Proved, and not begun. */
  #ready: BlobRecord[] = [];
  #following = false;

  constructor(options: BlobWatchOptions) {
    this.#options = options;
  }

  /** Newest first, by the height that recorded them: blobs are not sampled in that order. */
  views(): BlobView[] {
    const height = ({ record }: Watched): number => record.height;
    return [...this.#watched.values()].sort((a, b) => height(b) - height(a)).map(viewOf);
  }

  /** A peer speaks of these, newest first. Each is sampled once its record is proved; what never is, is forgotten. */
  hint(peer: Peer, blobIds: readonly Uint8Array[]): void {
    this.#hints.note(peer.id, blobIds);
    void this.#follow();
  }

  forget(peer: Peer): void {
    this.#hints.forget(peer.id);
  }

  /**
   * @throws NOT_FOUND when the absence of the record was proved, BLOB_EXPIRED; UNPROVEN, ABORTED, and what `BlobSampler` throws
   */
  async sample(blobId: Uint8Array, signal?: AbortSignal): Promise<BlobView> {
    const both = signal === undefined ? this.#options.signal : eitherSignal(signal, this.#options.signal);
    const record = await this.#options.chain.record(blobId, both);
    if (record === undefined) {
      const { height } = this.#options.chain.head();
      throw new PerigeeError('NOT_FOUND', `the chain has no record of blob ${toHex(blobId)} at height ${height}`);
    }
    while (this.#running.size >= MAX_SAMPLED_BLOBS && !this.#running.has(toHex(blobId))) {
      await Promise.race(this.#running.values()).catch(() => {});
      both.throwIfAborted();
    }
    return viewOf(await this.#sample(record, both));
  }

  /**
   * Newest first: that is what someone who opens the page wants to see. One after another, so that they do not slow each other, unless one
   * takes long: a blob that is withheld must not hide the others.
   */
  async #follow(): Promise<void> {
    if (this.#following) return;
    this.#following = true;
    const { clock, signal } = this.#options;
    try {
      while (!signal.aborted) {
        await this.#look();
        const record = this.#ready.shift();
        if (record === undefined) return;
        while (this.#followed.size >= MAX_FOLLOWED_BLOBS) await Promise.race(this.#followed);
        const run: Promise<unknown> = this.#sample(record, signal)
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

  /** Proves the records of what peers spoke of. */
  async #look(): Promise<void> {
    const { chain, follower, signal } = this.#options;
    const height = follower.head()?.height;
    if (height === undefined) return;
    const isKnown = (key: string) => this.#watched.has(key) || this.#ready.some(({ blobId }) => toHex(blobId) === key);
    const looks = this.#hints.next(height, isKnown).map((blobId) => chain.record(blobId, signal).catch(() => undefined));
    const records = (await Promise.all(looks)).filter((record) => record !== undefined && record.expiryHeight >= height);
    this.#ready = [...this.#ready, ...(records as BlobRecord[])].sort((a, b) => b.height - a.height).slice(0, MAX_WATCHED_BLOBS);
  }

  /** Samples a blob; who asks for one that is being sampled gets that sample. */
  #sample(record: BlobRecord, signal: AbortSignal): Promise<Watched> {
    const key = toHex(record.blobId);
    const known = this.#running.get(key);
    if (known !== undefined) return known;
    const running = this.#run(key, record, signal).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  async #run(key: string, record: BlobRecord, signal: AbortSignal): Promise<Watched> {
    const { follower, chain, onStep, onChange } = this.#options;
    const height = () => follower.head()?.height ?? 0;
    const watched: Watched = {
      key,
      phase: 'proving',
      error: undefined,
      record,
      committee: undefined,
      provedAt: height(),
      sampler: undefined,
      operators: new Set(),
    };
    this.#show(watched);
    try {
      watched.committee = await chain.committee(record.epoch, signal);
      if (record.expiryHeight < height()) {
        throw new PerigeeError(
          'BLOB_EXPIRED',
          `blob ${key} expired at height ${record.expiryHeight}: nobody owes its rows any more`,
        );
      }
      const sampler = new BlobSampler({
        ...this.#options,
        record,
        committee: watched.committee,
        height,
        signal,
        onVerified: (row, member) => {
          this.rowsVerified++;
          this.bytesIn += row.bytes;
          if (member !== undefined) watched.operators.add(member);
          onStep('row');
        },
        onChange: () => {
          watched.phase = sampler.phase;
          if (sampler.phase === 'sampling') onStep('prime');
          onChange();
        },
      });
      watched.sampler = sampler;
      watched.phase = 'priming';
      onChange();
      await sampler.run();
      watched.phase = 'done';
    } catch (thrown) {
      watched.error = PerigeeError.from(thrown);
      watched.phase = 'failed';
      throw watched.error;
    } finally {
      onChange();
    }
    return watched;
  }

  /** The oldest that are not being sampled go first. */
  #show(watched: Watched): void {
    this.#watched.delete(watched.key);
    this.#watched.set(watched.key, watched);
    for (const oldest of this.#watched.keys()) {
      if (this.#watched.size <= MAX_WATCHED_BLOBS) break;
      if (!this.#running.has(oldest) && oldest !== watched.key) this.#watched.delete(oldest);
    }
    this.#options.onChange();
  }
}

function viewOf({ key, phase, error, record, committee, provedAt, sampler, operators }: Watched): BlobView {
  const rows = sampler?.rows() ?? [];
  return {
    blobId: key,
    phase,
    error: error?.toObject(),
    record: committee === undefined ? undefined : recordView(record, committee),
    provedAt,
    rows,
    verified: rows.filter((row) => row.verdict === 'verified').length,
    operators: operators.size,
    confidence: undefined,
    outcome: undefined,
    outcomeAtMs: undefined,
    earlier: false,
    evidenceId: undefined,
  };
}

function recordView(record: BlobRecord, { members, totalStake }: CanonicalCommittee): NonNullable<BlobView['record']> {
  const signers = readSigners(record.signers, members.length);
  const signed = signers.reduce((sum, place) => sum + (members[place]?.stake ?? 0n), 0n);
  const { height, expiryHeight, length, k, n, rowSize, quorum, persist, epoch } = record;
  return {
    height,
    expiryHeight,
    length,
    k,
    n,
    rowSize,
    redundancy: (k + n) / k,
    namespace: toHex(record.namespace),
    quorum,
    persist,
    publisher: toHex(record.publisher),
    epoch,
    signers: signers.length,
    members: members.length,
    // six digits are more than a page shows; the division itself is exact
    signedStake: Number((signed * 1_000_000n) / totalStake) / 1_000_000,
  };
}
