import { PerigeeError } from '@perigee/wire';

/** What is under way, and what the first of it failed with. */
export class InFlight {
  readonly #works = new Set<Promise<void>>();
  #failure: PerigeeError | undefined;

  /** Of what failed; the rest goes on. */
  get failure(): PerigeeError | undefined {
    return this.#failure;
  }

  get size(): number {
    return this.#works.size;
  }

  add(work: Promise<unknown>): void {
    const done: Promise<void> = work
      .then(
        () => {},
        (error: unknown) => {
          this.#failure ??= PerigeeError.from(error);
        },
      )
      .finally(() => this.#works.delete(done));
    this.#works.add(done);
  }

  /** Each resolves when its work is over, whatever became of it. */
  [Symbol.iterator](): Iterator<Promise<void>> {
    return this.#works.values();
  }
}
