/** Counters in the first words of a shared control block; `stop` is set by who gave up. */
export const COUNTERS = { stop: 0, done: 1, extend: 2, hash: 3, combine: 4 } as const;

/** What all threads of a blob do, one after another. */
export type Step = 'extend' | 'hash' | 'combine';

/** Runs that this thread is the one to take: each takes what comes next, so that a slow one holds up nobody. */
export function* takeRuns(control: Int32Array, step: Step, count: number): Generator<number, void, undefined> {
  while (Atomics.load(control, COUNTERS.stop) === 0) {
    const run = Atomics.add(control, COUNTERS[step], 1);
    if (run >= count) return;
    yield run;
    Atomics.add(control, COUNTERS.done, 1);
  }
}

/** Runs from the first to before the last. */
export interface Runs {
  readonly from: number;
  readonly to: number;
}

/** Runs of thread `index`, where threads cannot see each other's counters. */
export function ownRuns(count: number, index: number, threads: number): Runs {
  return { from: Math.floor((count * index) / threads), to: Math.floor((count * (index + 1)) / threads) };
}

export function* range({ from, to }: Runs): Generator<number, void, undefined> {
  for (let run = from; run < to; run++) yield run;
}
