import type { TxOutcome } from '@perigee/light-core/roles';
import { fromHex, MAX_MEMPOOL_TXS, MAX_REMEMBERED_TXS, PerigeeError, toHex } from '@perigee/wire';
import { RESULT_CODE } from '../machine/index.ts';
import { RecentCache } from '../recent-cache.ts';

/** A transaction in the mempool is checked again after every block; one that was not for so many blocks is there no more. */
const UNCHECKED_BLOCKS = 10;

/** What this node knows of transactions that wait in CometBFT's mempool, or were executed lately: it sees all of them on their way to the application. */
export class TxWatch {
  readonly #executed = new RecentCache<TxOutcome>(MAX_REMEMBERED_TXS);
  /** Height after which it was checked last, by id in hexadecimal; the longest checked first. */
  readonly #waiting = new Map<string, number>();
  readonly #listeners = new Map<string, Set<(outcome: TxOutcome) => void>>();

  /** @returns height 0 and code 0 while it waits */
  get(txId: Uint8Array): TxOutcome | undefined {
    const id = toHex(txId);
    return this.#executed.get(id) ?? (this.#waiting.has(id) ? { txId, height: 0, code: 0, log: '' } : undefined);
  }

  /** The mempool has it, as of a height. */
  waits(txId: Uint8Array, height: number): void {
    const id = toHex(txId);
    if (this.#executed.get(id) !== undefined) return;
    this.#waiting.delete(id);
    this.#waiting.set(id, height);
    const [first] = this.#waiting.keys();
    if (this.#waiting.size > 2 * MAX_MEMPOOL_TXS && first !== undefined) this.#lost(first);
  }

  /** Whether all that wait were checked against the state after a height. */
  isChecked(height: number): boolean {
    const [first] = this.#waiting.values();
    return first === undefined || first >= height;
  }

  /** It waits no more: a block executed it, or the application refuses it. */
  settle(outcome: TxOutcome): void {
    const id = toHex(outcome.txId);
    this.#waiting.delete(id);
    if (outcome.height > 0) this.#executed.set(id, outcome);
    for (const listener of this.#listeners.get(id) ?? []) listener(outcome);
  }

  /** A block is over. */
  forgetUnchecked(height: number): void {
    for (const [id, checked] of this.#waiting) {
      if (checked + UNCHECKED_BLOCKS > height) break;
      this.#lost(id);
    }
  }

  /** A mempool forgets all when CometBFT ends, and says nothing. */
  #lost(id: string): void {
    this.settle({ txId: fromHex(id, 32), height: 0, code: RESULT_CODE.BUSY, log: 'the mempool has lost it; send it again' });
  }

  /** Resolves when a transaction waits no more. @throws ABORTED */
  settled(txId: Uint8Array, signal: AbortSignal | undefined): Promise<TxOutcome> {
    return new Promise((resolve, reject) => {
      const id = toHex(txId);
      const executed = this.#executed.get(id);
      if (executed !== undefined) return resolve(executed);
      const listeners = this.#listeners.get(id) ?? new Set();
      this.#listeners.set(id, listeners);
      const end = () => {
        signal?.removeEventListener('abort', onAbort);
        listeners.delete(onOutcome);
        if (listeners.size === 0) this.#listeners.delete(id);
      };
      const onOutcome = (outcome: TxOutcome) => {
        end();
        resolve(outcome);
      };
      const onAbort = () => {
        end();
        reject(new PerigeeError('ABORTED', `no longer waiting for transaction ${id}`));
      };
      listeners.add(onOutcome);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
