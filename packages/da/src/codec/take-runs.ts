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

/** Runs of part `index` of `parts`, in order. */
export function ownRuns(count: number, index: number, parts: number): { readonly from: number; readonly to: number } {
  return { from: Math.floor((count * index) / parts), to: Math.floor((count * (index + 1)) / parts) };
}

export function* range(from: number, to: number): Generator<number, void, undefined> {
  for (let i = from; i < to; i++) yield i;
}
