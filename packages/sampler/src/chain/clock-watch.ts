import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { CLOCK_AHEAD_HEADS, CLOCK_AHEAD_SPAN_MS, CLOCK_AHEAD_SPREAD_MS, CURRENT_WITHIN_MS } from '@perigee/wire';
import type { ClockView } from '../state.ts';

const UNKNOWN: ClockView = { state: 'unknown', offsetMs: 0 };
const OK: ClockView = { state: 'ok', offsetMs: 0 };

/** Heads in a row that were old when they came, all about as old. */
interface Run {
  readonly firstAtMs: number;
  lastHeight: number;
  heads: number;
  leastAgeMs: number;
  mostAgeMs: number;
}

/**
 * Tells from verified headers whether the local clock is wrong (PROTOCOL §5). Never sets it: a header from the future stays refused, and an old head
 * stays old.
 */
export class ClockWatch {
  readonly #clock: Clock;
  #view = UNKNOWN;
  #run: Run | undefined;
  /** When a head that was current came, by the local clock. */
  #currentAtMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get view(): ClockView {
    return this.#view;
  }

  /** A header is right in all but its time, which is so far ahead. Beside current heads that says nothing of the clock. */
  future(aheadMs: number): void {
    const sinceCurrent = this.#clock.now() - (this.#currentAtMs ?? Number.POSITIVE_INFINITY);
    if (sinceCurrent >= 0 && sinceCurrent <= CURRENT_WITHIN_MS) return;
    this.#view = { state: 'behind', offsetMs: aheadMs };
  }

  /**
   * A head was verified.
   *
   * @param keys different committee keys whose peers have it, or one of the heads just before
   */
  head({ height, timeMs }: Pick<VerifiedHead, 'height' | 'timeMs'>, keys: number): void {
    const now = this.#clock.now();
    const ageMs = now - timeMs;
    if (ageMs <= CURRENT_WITHIN_MS) {
      this.#run = undefined;
      this.#currentAtMs = now;
      this.#view = OK;
      return;
    }
    if (height !== this.#run?.lastHeight) this.#extend(height, ageMs, now);
    const { heads, firstAtMs, leastAgeMs } = this.#run as Run;
    // a chain that stood still and heads that are shown again come late too, but not from two members one after another, in time
    if (keys >= 2 && heads >= CLOCK_AHEAD_HEADS && now - firstAtMs >= CLOCK_AHEAD_SPAN_MS) {
      this.#view = { state: 'ahead', offsetMs: leastAgeMs };
    }
  }

  #extend(height: number, ageMs: number, now: number): void {
    const run = this.#run;
    const least = Math.min(run?.leastAgeMs ?? ageMs, ageMs);
    const most = Math.max(run?.mostAgeMs ?? ageMs, ageMs);
    this.#run =
      run === undefined || most - least > CLOCK_AHEAD_SPREAD_MS
        ? { firstAtMs: now, lastHeight: height, heads: 1, leastAgeMs: ageMs, mostAgeMs: ageMs }
        : { ...run, lastHeight: height, heads: run.heads + 1, leastAgeMs: least, mostAgeMs: most };
  }
}
