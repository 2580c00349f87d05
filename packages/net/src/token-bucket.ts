import type { Clock } from '@perigee/light-core/roles';

/** Lets `perSecond` things through in the long run, and `burst` at once. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = clock.now();
  }

  /** @returns whether there was a token to take */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Counts what was used unasked. What is not there is owed. */
  spend(tokens: number): void {
    this.#refill();
    this.#tokens -= tokens;
  }

  /** Until nothing is owed any more, milliseconds; 0 when nothing is. */
  owedMs(): number {
    this.#refill();
    return Math.max(0, (-this.#tokens / this.#perSecond) * 1000);
  }

  #refill(): void {
    const now = this.#clock.now();
    // a clock that was set back gives nothing and takes nothing
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + (elapsed * this.#perSecond) / 1000);
  }
}
