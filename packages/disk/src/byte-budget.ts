import { PerigeeError } from '@perigee/wire';

/** Bytes that the files of a store may take together, and those they take. */
export class ByteBudget {
  readonly bytes: number;
  readonly #what: string;
  #used = 0;

  /** @param what is kept, for errors: rows */
  constructor(bytes: number, what: string) {
    this.bytes = bytes;
    this.#what = what;
  }

  get used(): number {
    return this.#used;
  }

  /** @throws STORE_FULL when so many more do not fit */
  check(bytes: number): void {
    if (this.#used + bytes <= this.bytes) return;
    const words = `${this.#what} of ${bytes} bytes do not fit: ${this.#used} of ${this.bytes} bytes are in use`;
    throw new PerigeeError('STORE_FULL', words, { data: { bytes, used: this.#used, budget: this.bytes } });
  }

  /** @throws STORE_FULL when so many more do not fit; then none is counted */
  take(bytes: number): void {
    this.check(bytes);
    this.add(bytes);
  }

  /** Counts what is there, whether it fits or not: a store may be opened with a smaller budget. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}
