/** What one measurement may take, ms, beside the run that warms each side up. */
const MEASURE_MS = 1;
/** Rows that are hashed to measure: two times the lanes of the kernel. */
export const MEASURED_ROWS = 8;
const REPEATS = 4;

/**
 * Which of two ways to hash rows is faster here, by measure: the host's hash uses the processor's own instructions but costs a call a
 * row, the kernel's four lanes cost none. Measured once for each power of two of row lengths, when such rows first come.
 */
export class HashChoice {
  readonly #now: () => number;
  readonly #hostIsFaster = new Map<number, boolean>();

  /** @param now monotonic clock, ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * @param length bytes of a row
   * @param host hashes MEASURED_ROWS rows of this length; `kernel` does likewise
   */
  hostIsFaster(length: number, host: () => void, kernel: () => void): boolean {
    const size = 32 - Math.clz32(length);
    let faster = this.#hostIsFaster.get(size);
    if (faster === undefined) {
      host();
      kernel();
      const end = this.#now() + MEASURE_MS;
      let least = { host: Number.POSITIVE_INFINITY, kernel: Number.POSITIVE_INFINITY };
      for (let i = 0; i < REPEATS && (i === 0 || this.#now() < end); i++) {
        least = { host: Math.min(least.host, this.#time(host)), kernel: Math.min(least.kernel, this.#time(kernel)) };
      }
      faster = least.host < least.kernel;
      this.#hostIsFaster.set(size, faster);
    }
    return faster;
  }

  #time(run: () => void): number {
    const start = this.#now();
    run();
    return this.#now() - start;
  }
}
