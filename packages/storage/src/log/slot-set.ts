/** Which slots of a file hold their segment: one bit each, 2 MiB for the longest file. */
export class SlotSet {
  readonly size: number;
  readonly #bits: Uint8Array;
  #count = 0;

  constructor(size: number) {
    this.size = size;
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  /** All of them. */
  static full(size: number): SlotSet {
    const set = new SlotSet(size);
    for (let slot = 0; slot < size; slot++) set.add(slot);
    return set;
  }

  get count(): number {
    return this.#count;
  }

  has(slot: number): boolean {
    return ((this.#bits[slot >> 3] ?? 0) & (1 << (slot & 7))) !== 0;
  }

  add(slot: number): void {
    if (this.has(slot) || slot >= this.size) return;
    this.#bits[slot >> 3] = (this.#bits[slot >> 3] ?? 0) | (1 << (slot & 7));
    this.#count += 1;
  }

  delete(slot: number): void {
    if (!this.has(slot)) return;
    this.#bits[slot >> 3] = (this.#bits[slot >> 3] ?? 0) & ~(1 << (slot & 7));
    this.#count -= 1;
  }
}
