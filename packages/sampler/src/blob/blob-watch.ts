import { type CanonicalCommittee, type ChainView, readSigners } from '@perigee/light-core/da';
import type { Clock, RandomBytes } from '@perigee/light-core/roles';
import { eitherSignal } from '@perigee/net';
import { type BlobRecord, PerigeeError, toHex } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { Peer } from '../peers/peer.ts';
import type { BlobView, BootStep } from '../state.ts';
import type { Verifier } from '../verify/verifier.ts';
import { BlobSampler } from './blob-sampler.ts';

/** Blobs that are shown; the oldest go first. */
const MAX_BLOBS = 16;
/** Heads to wait for the record of a blob of which a peer only spoke. */
const HINT_HEADS = 3;

export interface BlobWatchOptions {
  readonly follower: ChainFollower;
  readonly chain: ChainView;
  readonly verify: Pool<Verifier>;
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly signal: AbortSignal;
  readonly onLie: (peer: Peer, error: PerigeeError) => void;
  readonly onStep: (name: BootStep['name']) => void;
  readonly onChange: () => void;
}

/** One blob from the first word about it to its last verdict. */
interface Watched {
  readonly key: string;
  phase: BlobView['phase'];
  error: PerigeeError | undefined;
  record: BlobRecord | undefined;
  committee: CanonicalCommittee | undefined;
  provedAt: number | undefined;
  sampler: BlobSampler | undefined;
  readonly operators: Set<string>;
}

/** Samples blobs as they are recorded, one after the other, and on demand. */
export class BlobWatch {
  rowsVerified = 0;
  bytesIn = 0;
  readonly #options: BlobWatchOptions;
  readonly #watched = new Map<string, Watched>();
  /** Blobs that peers spoke of, and how many heads they may still take to appear in state. */
  readonly #hints = new Map<string, { readonly blobId: Uint8Array; headsLeft: number }>();
  #working = false;

  constructor(options: BlobWatchOptions) {
    this.#options = options;
  }

  /** Newest first, by the height that recorded them: they were not sampled in that order. */
  views(): BlobView[] {
    const heightOf = ({ record }: Watched): number => record?.height ?? Number.MAX_SAFE_INTEGER;
    return [...this.#watched.values()].sort((a, b) => heightOf(b) - heightOf(a)).map(viewOf);
  }

  /** Peers speak of these, newest first. Each is sampled once its record is proved; what never is, is forgotten. */
  hint(blobIds: readonly Uint8Array[]): void {
    for (const blobId of blobIds.slice(0, MAX_BLOBS).reverse()) {
      const key = toHex(blobId);
      if (!this.#watched.has(key) && !this.#hints.has(key) && this.#hints.size < MAX_BLOBS) {
        this.#hints.set(key, { blobId, headsLeft: HINT_HEADS });
      }
    }
    void this.#work();
  }

  async sample(blobId: Uint8Array, signal?: AbortSignal): Promise<BlobView> {
    const both = signal === undefined ? this.#options.signal : eitherSignal(signal, this.#options.signal);
    const record = await this.#prove(blobId, both);
    if (record === undefined) {
      throw new PerigeeError(
        'NOT_FOUND',
        `the chain has no record of blob ${toHex(blobId)} at height ${this.#options.follower.head()?.height}`,
      );
    }
    return viewOf(await this.#sample(record, both));
  }

  /** Newest hint first: that is what someone who opens the page wants to see. One at a time, so that they do not slow each other. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      for (const hint of [...this.#hints.values()].reverse()) {
        const key = toHex(hint.blobId);
        if (this.#watched.has(key)) {
          this.#hints.delete(key);
          continue;
        }
        const record = await this.#prove(hint.blobId, this.#options.signal).catch(() => undefined);
        if (record === undefined) {
          if (--hint.headsLeft <= 0) this.#hints.delete(key);
          continue;
        }
        this.#hints.delete(key);
        await this.#sample(record, this.#options.signal).catch(() => {}); // its error is in its view
      }
    } finally {
      this.#working = false;
    }
  }

  /** @returns `undefined` when the absence of the record was proved */
  #prove(blobId: Uint8Array, signal: AbortSignal): Promise<BlobRecord | undefined> {
    return this.#options.chain.record(blobId, signal);
  }

  async #sample(record: BlobRecord, signal: AbortSignal): Promise<Watched> {
    const { follower, chain, onStep, onChange } = this.#options;
    const key = toHex(record.blobId);
    const watched: Watched = {
      key,
      phase: 'proving',
      error: undefined,
      record,
      committee: undefined,
      provedAt: follower.head()?.height,
      sampler: undefined,
      operators: new Set(),
    };
    this.#watched.delete(key);
    this.#watched.set(key, watched);
    for (const oldest of this.#watched.keys()) {
      if (this.#watched.size <= MAX_BLOBS) break;
      this.#watched.delete(oldest);
    }
    onChange();
    try {
      watched.committee = await chain.committee(record.epoch, signal);
      const sampler = new BlobSampler({
        ...this.#options,
        record,
        committee: watched.committee,
        signal,
        onVerified: (row, peer) => {
          this.rowsVerified++;
          this.bytesIn += row.bytes;
          if (peer.member !== undefined) watched.operators.add(peer.member);
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
}

function viewOf({ key, phase, error, record, committee, provedAt, sampler, operators }: Watched): BlobView {
  const rows = sampler?.rows() ?? [];
  return {
    blobId: key,
    phase,
    error: error?.toObject(),
    record: record === undefined || committee === undefined ? undefined : recordView(record, committee),
    provedAt,
    rows,
    verified: rows.filter((row) => row.verdict === 'verified').length,
    operators: operators.size,
  };
}

function recordView(record: BlobRecord, { members, totalStake }: CanonicalCommittee): NonNullable<BlobView['record']> {
  const signers = readSigners(record.signers, members.length);
  const signed = signers.reduce((sum, place) => sum + (members[place]?.stake ?? 0n), 0n);
  const { height, expiryHeight, length, k, n, rowSize } = record;
  return {
    height,
    expiryHeight,
    length,
    k,
    n,
    rowSize,
    namespace: toHex(record.namespace),
    signers: signers.length,
    members: members.length,
    // six digits are more than a page shows; the division itself is exact
    signedStake: Number((signed * 1_000_000n) / totalStake) / 1_000_000,
  };
}
