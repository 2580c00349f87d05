import type { ChainView } from '@perigee/light-core/da';
import type { VerifiedHead } from '@perigee/light-core/roles';
import { epochOf, lastHeightOfEpoch } from '@perigee/light-core/state';
import { type BlobRecord, MAX_BLOB_QUESTIONS_PER_HEAD, PerigeeError, UNCERTIFIED_BLOCKS } from '@perigee/wire';
import type { HoldingInfo, RowStore } from '../store/row-store.ts';
import type { Reservations } from './reservations.ts';

/**
 * Lets rows go when nobody is owed them any more: those of a recorded blob past its expiry, others UNCERTIFIED_BLOCKS after their upload, or,
 * once they were signed for, when no block takes their certificate any more. The chain is asked before anything is deleted, and what it cannot answer is kept.
 */
export class Retention {
  readonly #chain: ChainView;
  readonly #store: RowStore;
  readonly #reservations: Reservations;
  readonly #onFault: (error: PerigeeError) => void;
  #running: Promise<void> | undefined;
  /** Holdings that the store did not let be kept or dropped when they were looked at last: others come first then. */
  #stuck = 0;

  constructor(parts: {
    readonly chain: ChainView;
    readonly store: RowStore;
    readonly reservations: Reservations;
    readonly onFault: (error: PerigeeError) => void;
  }) {
    this.#chain = parts.chain;
    this.#store = parts.store;
    this.#reservations = parts.reservations;
    this.#onFault = parts.onFault;
  }

  /** One round at a time: heads that come meanwhile are left to the next. */
  onHead({ height }: VerifiedHead): void {
    this.#running ??= this.#round(height)
      .catch((error: unknown) => this.#onFault(PerigeeError.from(error)))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when no round runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** What the chain cannot answer ends the round. What the store refuses, as on a full disk, does not: what can be dropped makes the room that it lacks. */
  async #round(height: number): Promise<void> {
    this.#reservations.expire(height);
    for (const { key, blobId, expiryHeight } of this.#reservations.next(MAX_BLOB_QUESTIONS_PER_HEAD)) {
      const record = await this.#chain.record(blobId);
      if (record === undefined) continue;
      const isKept = await this.#isDone(this.#store.keep(blobId, record.expiryHeight));
      if (isKept && record.expiryHeight >= expiryHeight) this.#reservations.remove(key);
    }
    const expired = this.#store.expiredAt(height);
    const from = this.#stuck % Math.max(1, expired.length);
    this.#stuck = 0;
    for (const holding of [...expired.slice(from), ...expired.slice(0, from)].slice(0, MAX_BLOB_QUESTIONS_PER_HEAD)) {
      const record = await this.#chain.record(holding.blobId);
      const last = await this.#lastCertificate(height);
      if (!(await this.#isDone(this.#settle(holding, record, height, last)))) this.#stuck++;
    }
  }

  /** @param last height at which the chain may record a blob whose rows may be signed for already */
  async #settle(holding: HoldingInfo, record: BlobRecord | undefined, height: number, last: number): Promise<void> {
    if (record !== undefined && record.expiryHeight >= height) await this.#store.keep(holding.blobId, record.expiryHeight);
    else if (record !== undefined || holding.sealed || !(await this.#store.sealComplete(holding, last))) {
      await this.#store.drop(holding, height);
    }
  }

  async #isDone(change: Promise<void>): Promise<boolean> {
    try {
      await change;
      return true;
    } catch (error) {
      this.#onFault(PerigeeError.from(error));
      return false;
    }
  }

  /** Last height at which the chain may record a blob whose rows may be signed for already. */
  async #lastCertificate(height: number): Promise<number> {
    const { epochBlocks } = (await this.#chain.facts()).appState;
    return Math.max(height + UNCERTIFIED_BLOCKS, lastHeightOfEpoch(epochOf(height, epochBlocks) + 1, epochBlocks));
  }
}
