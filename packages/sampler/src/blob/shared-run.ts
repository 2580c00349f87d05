import { PerigeeError } from '@perigee/wire';

/** One piece of work that several wait for. Each may give up alone; the work itself is given up when the last one has. */
export class SharedRun<T> {
  readonly #stop = new AbortController();
  readonly #done: Promise<T>;
  #waiting = 0;

  constructor(start: (signal: AbortSignal) => Promise<T>) {
    this.#done = start(this.#stop.signal);
    this.#done.catch(() => {}); // who waits hears of it
  }

  /** Resolves when the work is over, however it went. */
  get ended(): Promise<void> {
    return this.#done.then(
      () => {},
      () => {},
    );
  }

  /** Whether everybody has given up: nobody can join any more. */
  get isGivenUp(): boolean {
    return this.#stop.signal.aborted;
  }

  /** @throws ABORTED when `signal` fires first; what the work throws */
  async join(signal: AbortSignal): Promise<T> {
    const gaveUp = () => new PerigeeError('ABORTED', 'nobody waits for this any more');
    if (signal.aborted) throw gaveUp();
    this.#waiting++;
    let leave = (): void => {};
    try {
      const left = new Promise<never>((_resolve, reject) => {
        leave = () => reject(gaveUp());
        signal.addEventListener('abort', leave, { once: true });
      });
      return await Promise.race([this.#done, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      if (--this.#waiting === 0) this.#stop.abort(gaveUp());
    }
  }
}
