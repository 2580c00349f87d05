import { PerigeeError } from '@perigee/wire';
import { abortError } from './abort.ts';

/** A number of places, and a bounded queue in front of them; first come, first served. */
export class Slots {
  readonly #maxQueued: number;
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(places: number, maxQueued: number) {
    this.#free = places;
    this.#maxQueued = maxQueued;
  }

  /**
   * @returns the function that frees the place; calling it again does nothing
   * @throws BUSY when the queue is full, ABORTED, TIMEOUT
   */
  acquire(signal?: AbortSignal): Promise<() => void> {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve(this.#releaser());
    }
    if (this.#queue.length >= this.#maxQueued) {
      return Promise.reject(new PerigeeError('BUSY', `${this.#maxQueued} requests wait for this peer already`));
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve(this.#releaser());
      };
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        reject(abortError(signal));
      };
      this.#queue.push(enter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #releaser(): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#queue.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
