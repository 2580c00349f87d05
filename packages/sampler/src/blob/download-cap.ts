import type { Clock } from '@perigee/light-core/roles';
import { TokenBucket } from '@perigee/net';

export interface DownloadCapOptions {
  readonly bytesPerSecond: number;
  /** Bytes that have come so far, of whatever kind. */
  readonly received: () => number;
  readonly clock: Clock;
}

/**
 * Keeps what comes within a rate, over seconds, by holding up samples that nobody asked for by hand: they are what can wait. Headers, proofs
 * and what a user asks for come at once; they count all the same.
 */
export class DownloadCap {
  readonly #options: DownloadCapOptions;
  /** A second's worth may come at once. */
  readonly #bucket: TokenBucket;
  #counted = 0;

  constructor(options: DownloadCapOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.clock, options.bytesPerSecond, options.bytesPerSecond);
  }

  /** Resolves when the next sample may begin. @throws ABORTED */
  async pass(signal: AbortSignal): Promise<void> {
    for (;;) {
      const received = this.#options.received();
      this.#bucket.spend(received - this.#counted);
      this.#counted = received;
      const owedMs = this.#bucket.owedMs();
      if (owedMs === 0) return;
      await this.#options.clock.sleep(owedMs, signal);
    }
  }
}
