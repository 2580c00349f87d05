import type { Clock } from '@perigee/light-core/roles';
import { KEEP_DAY_COUNT_EVERY_MS } from '@perigee/wire';
import type { LightStore } from '../store/light-store.ts';
import { type DayCount, decodeDayCount, encodeDayCount } from './day-count.ts';

/** What counts the bytes of a day. */
export interface DayCounter {
  readonly today: DayCount;
  /** Adds what an earlier run used; of another day it is nothing. */
  resume(earlier: DayCount): void;
}

export interface DayStoreOptions {
  /** Under which it is kept. */
  readonly name: string;
  readonly counter: DayCounter;
  readonly shelf: Pick<LightStore, 'value' | 'keepValue'>;
  readonly clock: Clock;
}

/** Remembers what was used of the day's bytes from one run to the next: else a cap would hold until the page is opened again. */
export class DayStore {
  readonly #options: DayStoreOptions;
  /** What an earlier run wrote was read; nothing is written before that. */
  readonly read: Promise<void>;
  #isRead = false;
  #keptAtMs: number;
  #keptBytes = 0;

  constructor(options: DayStoreOptions) {
    this.#options = options;
    this.#keptAtMs = options.clock.now();
    this.read = this.#read();
  }

  /** Writes now and then. */
  look(): void {
    if (Math.abs(this.#options.clock.now() - this.#keptAtMs) >= KEEP_DAY_COUNT_EVERY_MS) this.keep();
  }

  keep(): void {
    const { name, counter, shelf, clock } = this.#options;
    const { today } = counter;
    this.#keptAtMs = clock.now();
    if (!this.#isRead || today.bytes === this.#keptBytes) return;
    this.#keptBytes = today.bytes;
    void shelf.keepValue(name, encodeDayCount(today));
  }

  async #read(): Promise<void> {
    try {
      const { name, counter, shelf } = this.#options;
      const kept = await shelf.value(name);
      if (kept !== undefined) counter.resume(decodeDayCount(kept));
    } catch {
      // what cannot be read counts for nothing, and is written anew
    }
    this.#isRead = true;
  }
}
