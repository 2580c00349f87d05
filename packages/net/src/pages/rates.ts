import type { Clock } from '@perigee/light-core/roles';
import { MAX_RELAY_RATES } from '@perigee/wire';
import { TokenBucket } from '../token-bucket.ts';

const MINUTE_SECONDS = 60;

/** So many things a minute. */
export function aMinute(clock: Clock, count: number): TokenBucket {
  return new TokenBucket(clock, count / MINUTE_SECONDS, count);
}

/**
 * So many things a minute for each of those who ask, by name. They are remembered when they leave, or whoever comes back would begin anew; of too many, the one
 * that asked longest ago is forgotten.
 */
export class Rates {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** @returns whether this one may, which counts */
  take(name: string): boolean {
    const bucket = this.#buckets.get(name) ?? aMinute(this.#clock, this.#perMinute);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_RELAY_RATES && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket.take();
  }
}
