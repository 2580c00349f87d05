import type { TrustAnchor } from '@perigee/light-core/comet';
import type { CanonicalCommittee, ChainView } from '@perigee/light-core/da';
import type { Clock } from '@perigee/light-core/roles';
import { type BlobRecord, PerigeeError, toHex } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { BadEncoding } from '../blob/blob-sampler.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import type { EventLog } from '../event-log.ts';
import type { EvidenceView } from '../state.ts';
import type { LightStore } from '../store/light-store.ts';
import type { Verifier } from '../verify/verifier.ts';
import { collectEvidence } from './collect.ts';
import { EvidenceBook } from './evidence-book.ts';

export interface EvidencesOptions {
  readonly trustRoot: TrustAnchor;
  readonly chain: ChainView;
  readonly follower: ChainFollower;
  readonly verify: Pool<Verifier>;
  readonly store: LightStore;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Evidence that was found: in memory for as long as the node runs, and on the device where one is given. */
export class Evidences {
  readonly #options: EvidencesOptions;
  readonly #book = new EvidenceBook();

  constructor(options: EvidencesOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  views(): EvidenceView[] {
    const kept = this.#options.store.evidenceViews;
    const ids = new Set(kept.map(({ id }) => id));
    return [...kept, ...this.#book.views().filter(({ id }) => !ids.has(id))];
  }

  /** The file. @throws NOT_FOUND */
  async get(id: string): Promise<Uint8Array> {
    return this.#book.get(id) ?? this.#options.store.evidence(id);
  }

  keep(view: EvidenceView, file: Uint8Array): void {
    this.#book.keep(view, file);
    void this.#options.store.keepEvidence(view, file);
    this.#options.events.note('evidence', view.id, { bytes: file.length });
  }

  /**
   * Keeps what convicts the signers of a blob before a stranger. The finding is ours whether or not it can be put together for others.
   *
   * @returns the id of the evidence, `undefined` when it could not
   */
  async convict(record: BlobRecord, committee: CanonicalCommittee, found: BadEncoding): Promise<string | undefined> {
    const { chain, clock, signal, events } = this.#options;
    const id = toHex(record.blobId);
    try {
      const { genesisHash } = await chain.facts(signal);
      const now = clock.now();
      const file = await collectEvidence(record, committee, found, { ...this.#options, genesisHash, now });
      this.keep({ id, blobId: id, foundAtMs: now, bytes: file.length }, file);
      return id;
    } catch (error) {
      if (!signal.aborted) events.note('error', id, { code: PerigeeError.from(error).code });
      return undefined;
    }
  }
}
