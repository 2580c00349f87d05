/** Repeatable bytes and numbers: tests print the seed (fast-check does), and it brings the same case back. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed ^ 0x9e37_79b9;
  }

  /** A whole number from 0 to `bound` − 1. */
  below(bound: number): number {
    // mulberry32
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * bound);
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** `count` different numbers below `bound`, in random order. */
  choose(count: number, bound: number): number[] {
    const all = Array.from({ length: bound }, (_, i) => i);
    for (let i = 0; i < count; i++) {
      const j = i + this.below(bound - i);
      [all[i], all[j]] = [all[j] as number, all[i] as number];
    }
    return all.slice(0, count);
  }
}
