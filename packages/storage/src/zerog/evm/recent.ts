/** Keeps what was set last, up to a number of entries and a weight. */
export class Recent<V> {
  readonly #entries = new Map<string, { readonly value: V; readonly weight: number }>();
  readonly #size: number;
  readonly #weight: number;
  #total = 0;

  constructor(size: number, weight = Number.POSITIVE_INFINITY) {
    this.#size = size;
    this.#weight = weight;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: string, value: V, weight = 0): void {
    this.delete(key);
    this.#entries.set(key, { value, weight });
    this.#total += weight;
    for (const first of this.#entries.keys()) {
      if (this.#entries.size <= this.#size && this.#total <= this.#weight) break;
      this.delete(first);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#total -= entry.weight;
  }
}
