import { MAX_MEMPOOL_BYTES, MAX_MEMPOOL_TXS, PerigeeError, Turn, toHex, txIdOf } from '@perigee/wire';
import type { Application, TxResult } from '../application/index.ts';

/** Transactions that wait for a block, in the order in which they came. */
export class Mempool {
  readonly #app: Pick<Application, 'checkTx'>;
  readonly #txs = new Map<string, Uint8Array>();
  #bytes = 0;
  /** Checks and commits take turns, so that each check is against one state. */
  readonly #turn = new Turn();

  constructor(app: Pick<Application, 'checkTx'>) {
    this.#app = app;
  }

  get size(): number {
    return this.#txs.size;
  }

  get txs(): readonly Uint8Array[] {
    return [...this.#txs.values()];
  }

  has(txId: Uint8Array): boolean {
    return this.#txs.has(toHex(txId));
  }

  /**
   * Take a transaction in.
   *
   * @returns `undefined` when it waits now, else why the application refused it
   * @throws BUSY when the mempool is full
   */
  add(raw: Uint8Array): Promise<TxResult | undefined> {
    return this.#turn.take(async () => {
      const id = toHex(txIdOf(raw));
      if (this.#txs.has(id)) return undefined;
      if (this.#txs.size >= MAX_MEMPOOL_TXS || this.#bytes + raw.length > MAX_MEMPOOL_BYTES) {
        throw new PerigeeError('BUSY', `${this.#txs.size} transactions wait already; send this one again after the next block`);
      }
      const result = await this.#app.checkTx({ tx: raw, type: 'new' });
      if (result.code !== 0) return result;
      this.#txs.set(id, raw);
      this.#bytes += raw.length;
      return undefined;
    });
  }

  /**
   * Commit a block while nothing is checked, then check again what is left.
   *
   * @returns what the new state refuses, by id in hexadecimal
   */
  update(included: readonly Uint8Array[], commit: () => Promise<void>): Promise<ReadonlyMap<string, TxResult>> {
    return this.#turn.take(async () => {
      await commit();
      for (const raw of included) this.#remove(toHex(txIdOf(raw)));
      const refused = new Map<string, TxResult>();
      for (const [id, tx] of [...this.#txs]) {
        const result = await this.#app.checkTx({ tx, type: 'recheck' });
        if (result.code === 0) continue;
        this.#remove(id);
        refused.set(id, result);
      }
      return refused;
    });
  }

  /** What is read while neither a check nor a commit runs. */
  between<T>(read: () => T): Promise<T> {
    return this.#turn.take(async () => read());
  }

  #remove(id: string): void {
    const raw = this.#txs.get(id);
    if (raw === undefined) return;
    this.#txs.delete(id);
    this.#bytes -= raw.length;
  }
}
