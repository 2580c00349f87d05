import { MAX_SYNC_WAITS, SYNC_RETRY_MAX_MS, SYNC_RETRY_MS } from '@perigee/wire';

interface Wait {
  /** Segments that were missing when it was looked at last. */
  readonly missing: number;
  /** Until then it is left to who uploads it. */
  readonly quietUntilMs: number;
  /** Until then nobody is asked again. */
  readonly retryAtMs: number;
  /** From the next try to the one after it. */
  readonly retryMs: number;
}

/** When each file may be fetched: not while somebody uploads it, and ever later where nobody has it. */
export class FileWaits {
  readonly #patienceMs: number;
  readonly #waits = new Map<number, Wait>();

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /**
   * @param missing segments
   * @param isNew whether it may still be on its way from whoever submitted it
   */
  isDue(txSeq: number, missing: number, nowMs: number, isNew: boolean): boolean {
    const wait = this.#waits.get(txSeq);
    const isBrought = wait !== undefined && missing < wait.missing;
    if ((wait === undefined && isNew) || isBrought) {
      const { retryAtMs = 0, retryMs = SYNC_RETRY_MS } = wait ?? {};
      this.#set(txSeq, { missing, quietUntilMs: nowMs + this.#patienceMs, retryAtMs, retryMs });
      return this.#patienceMs === 0 && retryAtMs <= nowMs;
    }
    return wait === undefined || (wait.quietUntilMs <= nowMs && wait.retryAtMs <= nowMs);
  }

  /** Not all of it was to be had. */
  again(txSeq: number, missing: number, nowMs: number): void {
    const { quietUntilMs = 0, retryMs = SYNC_RETRY_MS } = this.#waits.get(txSeq) ?? {};
    const next = Math.min(2 * retryMs, SYNC_RETRY_MAX_MS);
    this.#set(txSeq, { missing, quietUntilMs, retryAtMs: nowMs + retryMs, retryMs: next });
  }

  /** It is there. */
  forget(txSeq: number): void {
    this.#waits.delete(txSeq);
  }

  /** Somebody came who may have what nobody had. */
  reset(): void {
    for (const [txSeq, wait] of this.#waits) this.#waits.set(txSeq, { ...wait, retryAtMs: 0, retryMs: SYNC_RETRY_MS });
  }

  #set(txSeq: number, wait: Wait): void {
    this.#waits.delete(txSeq);
    const [oldest] = this.#waits.keys();
    if (this.#waits.size >= MAX_SYNC_WAITS && oldest !== undefined) this.#waits.delete(oldest);
    this.#waits.set(txSeq, wait);
  }
}
