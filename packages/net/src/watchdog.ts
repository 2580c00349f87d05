import type { Clock } from '@perigee/light-core/roles';

/**
 * A deadline that is moved often and passed rarely: `touch` only writes down a time, and one sleeping timer looks again when it wakes.
 */
export class Watchdog {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #onExpire: () => void;
  readonly #closed = new AbortController();
  #deadline: number | undefined;
  #sleeping = false;

  constructor(clock: Clock, ms: number, onExpire: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#onExpire = onExpire;
  }

  get running(): boolean {
    return this.#deadline !== undefined;
  }

  /** The deadline is `ms` from now. */
  touch(): void {
    if (!Number.isFinite(this.#ms) || this.#closed.signal.aborted) return;
    this.#deadline = this.#clock.now() + this.#ms;
    if (!this.#sleeping) void this.#watch(this.#closed.signal);
  }

  /** No deadline until the next `touch`. */
  stop(): void {
    this.#deadline = undefined;
  }

  /** Ends the timer for good. */
  close(): void {
    this.#deadline = undefined;
    this.#closed.abort();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    this.#sleeping = true;
    try {
      while (this.#deadline !== undefined) {
        const left = this.#deadline - this.#clock.now();
        if (left <= 0) {
          this.#deadline = undefined;
          this.#onExpire();
        } else await this.#clock.sleep(left, signal);
      }
    } catch {
      // closed while asleep
    } finally {
      this.#sleeping = false;
    }
  }
}
