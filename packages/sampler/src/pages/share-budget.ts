import type { Clock } from '@perigee/light-core/roles';
import { TokenBucket } from '@perigee/net';
import {
  DEFAULT_SHARED_BYTES_PER_DAY,
  DEFAULT_SHARED_BYTES_PER_SECOND,
  MAX_SHARE_WAIT_MS,
  MIN_SHARED_BYTES_PER_SECOND,
  PerigeeError,
} from '@perigee/wire';
import { type DayCount, type DayCounter, dayOf } from '../budgets/index.ts';

/** What a page gives others. */
export interface SharingOptions {
  /** Default true. Off, it neither gives nor takes, and is connected to no page. */
  readonly enabled?: boolean;
  /** Bytes of rows that it gives in a second, over seconds. Default DEFAULT_SHARED_BYTES_PER_SECOND. */
  readonly bytesPerSecond?: number;
  /** In a day, which begins at midnight UTC. Default DEFAULT_SHARED_BYTES_PER_DAY. */
  readonly bytesPerDay?: number;
}

export type Sharing = Required<SharingOptions>;

/** @throws INVALID_ARGUMENT */
export function sharingOf(given: SharingOptions): Sharing {
  const sharing = {
    enabled: given.enabled ?? true,
    bytesPerSecond: given.bytesPerSecond ?? DEFAULT_SHARED_BYTES_PER_SECOND,
    bytesPerDay: given.bytesPerDay ?? DEFAULT_SHARED_BYTES_PER_DAY,
  };
  if (!(sharing.bytesPerSecond >= MIN_SHARED_BYTES_PER_SECOND) || !(sharing.bytesPerDay >= 0)) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `a page gives at least ${MIN_SHARED_BYTES_PER_SECOND} bytes a second, not ${sharing.bytesPerSecond}, and 0 bytes a day or more, not ${sharing.bytesPerDay}; to give nothing, switch sharing off`,
    );
  }
  // without an end is so much: arithmetic with Infinity ends in NaN, which no later bound would hold
  const { enabled, bytesPerSecond, bytesPerDay } = sharing;
  const most = Number.MAX_SAFE_INTEGER;
  return { enabled, bytesPerSecond: Math.min(bytesPerSecond, most), bytesPerDay: Math.min(bytesPerDay, most) };
}

/** Keeps what a page gives within its rate and its day. */
export class ShareBudget implements DayCounter {
  readonly #clock: Clock;
  #sharing: Sharing;
  /** A second's worth may go at once. */
  #bucket: TokenBucket;
  #today: DayCount;

  constructor(clock: Clock, sharing: Sharing) {
    this.#clock = clock;
    this.#sharing = sharing;
    this.#today = { day: dayOf(clock.now()), bytes: 0 };
    this.#bucket = new TokenBucket(clock, sharing.bytesPerSecond, sharing.bytesPerSecond);
  }

  set(sharing: Sharing): void {
    if (sharing.bytesPerSecond !== this.#sharing.bytesPerSecond) {
      const owed = (this.#bucket.owedMs() / 1_000) * this.#sharing.bytesPerSecond;
      this.#bucket = new TokenBucket(this.#clock, sharing.bytesPerSecond, sharing.bytesPerSecond);
      // a change gives nothing away: what was used at once is used, and what is owed stays owed
      this.#bucket.spend(sharing.bytesPerSecond + owed);
    }
    this.#sharing = sharing;
  }

  /** Bytes given since midnight UTC. */
  get today(): DayCount {
    const day = dayOf(this.#clock.now());
    if (day !== this.#today.day) this.#today = { day, bytes: 0 };
    return this.#today;
  }

  /** Adds what an earlier run gave; on another day that is nothing. */
  resume(earlier: DayCount): void {
    if (earlier.day === this.today.day) this.#add(earlier.bytes);
  }

  /**
   * Takes bytes out of the budget, and waits for their turn.
   *
   * @returns `busy` where that would take too long, `spent` where the day's are gone: nothing was taken then
   * @throws ABORTED
   */
  async pass(bytes: number, signal: AbortSignal): Promise<'given' | 'busy' | 'spent'> {
    if (this.today.bytes + bytes > this.#sharing.bytesPerDay) return 'spent';
    const owedMs = this.#bucket.owedMs();
    if (owedMs > MAX_SHARE_WAIT_MS) return 'busy';
    this.#bucket.spend(bytes);
    this.#add(bytes);
    if (owedMs > 0) await this.#clock.sleep(owedMs, signal);
    return 'given';
  }

  #add(bytes: number): void {
    const { day, bytes: before } = this.today;
    this.#today = { day, bytes: before + bytes };
  }
}
