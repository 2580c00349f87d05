/** How fast a counter grew of late: growth over the time that was looked at, at most `windowMs`. */
export class RecentRate {
  readonly #windowMs: number;
  #looks: { readonly atMs: number; readonly count: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  look(atMs: number, count: number): void {
    const last = this.#looks.at(-1);
    // a clock that was set back, or a counter that began anew: what was before says nothing
    if (last !== undefined && (atMs < last.atMs || count < last.count)) this.#looks = [];
    if (last?.atMs === atMs) this.#looks.pop();
    this.#looks.push({ atMs, count });
    while (this.#looks.length > 2 && (this.#looks[1]?.atMs ?? atMs) <= atMs - this.#windowMs) this.#looks.shift();
  }

  /** For each millisecond; 0 until it was looked twice. */
  get perMs(): number {
    const [first] = this.#looks;
    const last = this.#looks.at(-1);
    if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
    return (last.count - first.count) / (last.atMs - first.atMs);
  }
}
