/** One program in a contest: does the work once, and says how many milliseconds it took. */
export interface Contestant {
  readonly name: string;
  run(): number | Promise<number>;
}

/**
 * Samples of each, in milliseconds, by name. They take turns, for the speed of a machine changes while others use it; a first round is not counted.
 *
 * @param rounds at least 1
 */
export async function contest(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const taken = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++)
    for (const { name, run } of contestants) {
      const ms = await run();
      if (round >= 0) taken.get(name)?.push(ms);
    }
  return taken;
}

/** How many times as fast the first is as the second, round by round. */
export function timesAsFast(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((ms, round) => (theirs[round] ?? Number.NaN) / ms);
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
