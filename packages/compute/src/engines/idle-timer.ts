import type { Clock } from '@perigee/light-core/roles';
import { ENGINE_IDLE_MS } from '@perigee/wire';

/** Says when an engine has had nothing to do for ENGINE_IDLE_MS, so that it can give its memory back. */
export class IdleTimer {
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  #answers = 0;
  #waiting: AbortController | undefined;

  constructor(clock: Clock, onIdle: () => void) {
    this.#clock = clock;
    this.#onIdle = onIdle;
  }

  /** An answer begins. */
  begin(): void {
    this.stop();
    this.#answers++;
  }

  /** An answer has ended, however. */
  end(): void {
    this.#answers--;
    if (this.#answers > 0) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#clock.sleep(ENGINE_IDLE_MS, waiting.signal).then(this.#onIdle, () => {}); // stopped: there is something to do again
  }

  /** Forgets that it waits. */
  stop(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
  }
}
