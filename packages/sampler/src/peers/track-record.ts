import { MAX_TRACKED_LATENCIES } from '@perigee/wire';

/** What one more answer counts for: after ten answers the first counts for a tenth of the last. */
const WEIGHT = 0.2;
/** Who has answered nothing yet. */
const UNKNOWN_SCORE = 0.5;
/** A peer that has failed all the time is still asked now and then, else it could never get better. */
const LEAST_SCORE = 0.05;

/** How a peer did lately. It decides who is preferred among those who may be asked, and nothing else: no peer is banned for it. */
export class TrackRecord {
  #score = UNKNOWN_SCORE;
  /** Milliseconds, the latest last. */
  readonly #latencies: number[] = [];

  /** 0 to 1: share of good answers among the last ones, the later the heavier. */
  get score(): number {
    return this.#score;
  }

  /** Median time from question to answer, milliseconds; `undefined` before the first good answer. */
  get latencyMs(): number | undefined {
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }

  /** What one more row of it costs, as far as can be known: lower is better. */
  get cost(): number {
    return (1 + (this.latencyMs ?? 0) / 1_000) / Math.max(this.#score, LEAST_SCORE);
  }

  good(latencyMs: number): void {
    this.#score += WEIGHT * (1 - this.#score);
    this.#latencies.push(latencyMs);
    if (this.#latencies.length > MAX_TRACKED_LATENCIES) this.#latencies.shift();
  }

  bad(): void {
    this.#score -= WEIGHT * this.#score;
  }
}
