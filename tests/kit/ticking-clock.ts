import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError } from '@perigee/wire';

/** Time that stands still until it is told to go on. */
export class TickingClock implements Clock {
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  #now: number;

  /** @param now milliseconds since 1970 */
  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(new PerigeeError('ABORTED', 'the sleep was aborted'));
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper = { untilMs: this.#now + ms, wake };
      if (signal?.aborted) {
        onAbort();
        return;
      }
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.untilMs > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
