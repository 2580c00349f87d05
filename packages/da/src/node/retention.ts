import type { ChainView } from '@perigee/light-core/da';
import type { VerifiedHead } from '@perigee/light-core/roles';
import { epochOf, lastHeightOfEpoch } from '@perigee/light-core/state';
import { MAX_BLOB_QUESTIONS_PER_HEAD, PerigeeError, UNCERTIFIED_BLOCKS } from '@perigee/wire';
import type { RowStore } from '../store/row-store.ts';
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

  async #round(height: number): Promise<void> {
    this.#reservations.expire(height);
    for (const { key, blobId, expiryHeight } of this.#reservations.next(MAX_BLOB_QUESTIONS_PER_HEAD)) {
      const record = await this.#chain.record(blobId);
      if (record === undefined) continue;
      await this.#store.keep(blobId, record.expiryHeight);
      if (record.expiryHeight >= expiryHeight) this.#reservations.remove(key);
    }
    for (const { blobId, committeeHash, sealed } of this.#store.expiredAt(height).slice(0, MAX_BLOB_QUESTIONS_PER_HEAD)) {
      const key = { blobId, committeeHash };
      const record = await this.#chain.record(blobId);
      if (record !== undefined && record.expiryHeight >= height) {
        await this.#store.keep(blobId, record.expiryHeight);
      } else if (record !== undefined || sealed || !(await this.#store.sealComplete(key, await this.#lastCertificate(height)))) {
        await this.#store.drop(key, height);
      }
    }
  }

  /** Last height at which the chain may record a blob whose rows may be signed for already. */
  async #lastCertificate(height: number): Promise<number> {
    const { epochBlocks } = (await this.#chain.facts()).appState;
    return Math.max(height + UNCERTIFIED_BLOCKS, lastHeightOfEpoch(epochOf(height, epochBlocks) + 1, epochBlocks));
  }
}
