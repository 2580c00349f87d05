import type { Clock } from '@perigee/light-core/roles';
import { ONE_SOURCE_TOLD_MS } from '@perigee/wire';
import type { Freshness } from '../state.ts';

/**
 * Which changes of freshness are worth an event. Of every head but the last one hears from one peer first and from others a moment later: told each
 * time, that would push all else out of the list of events within minutes.
 */
export class FreshnessLog {
  readonly #clock: Clock;
  #told: Freshness | undefined;
  /** Since when a head has one source, where the last one told had more. */
  #aloneSinceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns whether it is news */
  look(freshness: Freshness): boolean {
    if (freshness === this.#told) {
      this.#aloneSinceMs = undefined;
      return false;
    }
    if (freshness === 'one source') {
      this.#aloneSinceMs ??= this.#clock.now();
      if (this.#clock.now() - this.#aloneSinceMs < ONE_SOURCE_TOLD_MS) return false;
    }
    this.#aloneSinceMs = undefined;
    this.#told = freshness;
    return true;
  }
}
