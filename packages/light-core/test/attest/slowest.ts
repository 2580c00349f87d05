/** Of many inputs, the one that took most: milliseconds of CPU, of all threads. The first ones find code that was not compiled yet, and are told apart. */
export class Slowest {
  readonly #times: { readonly input: number; readonly ms: number }[] = [];

  async of<T>(input: number, run: () => Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    const result = await run();
    const { user, system } = process.cpuUsage(before);
    this.#times.push({ input, ms: (user + system) / 1_000 });
    return result;
  }

  tell(what: string, inputs: number, seed: number): void {
    const warm = this.#times.slice(100).sort((a, b) => b.ms - a.ms);
    const median = warm[warm.length >> 1]?.ms ?? 0;
    const most = warm.slice(0, 3).map(({ ms, input }) => `${ms.toFixed(1)} (input ${input})`);
    const cold = Math.max(...this.#times.slice(0, 100).map(({ ms }) => ms));
    console.log(
      `${what}: ${inputs} inputs, median ${median.toFixed(2)} ms of CPU, most ${most.join(', ')}, ${cold.toFixed(1)} among the first 100; PERIGEE_SEED=${seed}`,
    );
  }
}
