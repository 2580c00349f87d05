/** What entries weigh, and how much of it is enough. */
interface Weight<V> {
  readonly enough: number;
  of(value: V): number;
}

/** Keeps at least the `size` entries used last, or as many as weigh so much, and at most twice as many. */
export class RecentCache<V> {
  readonly #size: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  readonly #weight: Weight<V> | undefined;
  #youngWeight = 0;

  constructor(size: number, weight?: Weight<V>) {
    this.#size = size;
    this.#weight = weight;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngWeight = 0;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#size || this.#youngWeight >= (this.#weight?.enough ?? Number.POSITIVE_INFINITY)) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngWeight = 0;
    }
    this.#young.set(key, value);
    this.#youngWeight += this.#weight?.of(value) ?? 0;
  }
}
