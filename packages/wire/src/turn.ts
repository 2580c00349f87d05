/** Things that happen one after another, each whether or not the one before it failed. */
export class Turn {
  #last: Promise<void> = Promise.resolve();

  /** @returns what `act` gives, or its error, when its turn was there */
  take<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    this.#last = done.then(nothing, nothing);
    return done;
  }

  /** Resolves when all that was begun by now is over. */
  idle(): Promise<void> {
    return this.#last;
  }
}

/** What one gave is not held until the next. */
function nothing(): void {}
