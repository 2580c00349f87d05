/** Things that happen one after another, each whether or not the one before it failed. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act, act);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Resolves when all that was begun by now is over. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
