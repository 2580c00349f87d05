import { INITIAL_STATE, type LightNodeState } from './state.ts';

/** Holds the snapshot and tells who listens: many changes of one turn are one call. */
export class StateStore {
  readonly #listeners = new Set<(state: LightNodeState) => void>();
  #state = INITIAL_STATE;
  #told = true;

  get state(): LightNodeState {
    return this.#state;
  }

  update(change: Partial<LightNodeState>): void {
    this.#state = { ...this.#state, ...change };
    if (!this.#told) return;
    this.#told = false;
    queueMicrotask(() => {
      this.#told = true;
      for (const listener of [...this.#listeners]) listener(this.#state);
    });
  }

  subscribe(listener: (state: LightNodeState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
