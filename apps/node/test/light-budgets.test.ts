/** `perigee light` on a devnet of processes, within its caps: half a minute in the ordinary run, an hour in the long one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LightSample, type Network, startLightRun, startNetwork } from '../../../tests/kit/index.ts';

const isLong = process.env.PERIGEE_LONG === '1';
const RUN_MS = isLong ? 3_600_000 : 20_000;
const LOOK_EVERY_MS = isLong ? 15_000 : 1_000;
const MAX_RSS_MB = 150;
/** From the third quarter to the last; less is what a collector leaves lying. */
const MAX_GROWTH_MB = 5;
const BYTES_PER_MBIT = 125_000;
/** A sample that has begun is ended, and so are those beside it. */
const BEGUN_BYTES = 4 * 350_000;

let network: Network;

beforeAll(async () => {
  network = await startNetwork({ nodes: 2, publishEvery: isLong ? 5 : 1, blockMs: isLong ? 1_000 : 250 });
});
afterAll(() => network.stop());

it(
  'keeps within 150 MB, its share of the processor and its bytes, and tells its metrics',
  async () => {
    const mbit = isLong ? 0.5 : 0.1;
    const cpuShare = 0.25;
    const run = await startLightRun(network.chain, ['--max-mbit', `${mbit}`, '--max-cpu-percent', `${100 * cpuShare}`]);
    const samples = await run.samples(RUN_MS, LOOK_EVERY_MS);
    expect(await run.process.stop()).toEqual({ code: 0, signal: null });
    const [first, last] = [samples[0], samples.at(-1)] as [LightSample, LightSample];
    const rss = samples.map(({ rssMb }) => rssMb).filter((mb) => mb !== undefined);
    console.log(
      `light for ${Math.round(last.atMs / 1_000)} s: at most ${Math.max(...rss).toFixed(0)} MB, ${((last.cpuMs / last.atMs) * 100).toFixed(1)} % of a core, ${(last.bytes / last.atMs).toFixed(1)} kB/s, ${last.rowsVerified} rows`,
    );
    for (const mb of rss) expect(mb).toBeLessThanOrEqual(MAX_RSS_MB);
    expect(last.rowsVerified).toBeGreaterThan(0);
    // what is over its cap shows that it waits, and waits
    if (!isLong) expect(samples.some(({ throttledBy }) => throttledBy.includes('bytesPerSecond'))).toBe(true);
    expect(last.bytes).toBeLessThanOrEqual(mbit * BYTES_PER_MBIT * (last.atMs / 1_000 + 2) + BEGUN_BYTES);
    // a minute's worth may be used at once
    expect(last.cpuMs - first.cpuMs).toBeLessThanOrEqual(cpuShare * (last.atMs - first.atMs + 60_000));
    if (isLong) expect(middle(quarter(rss, 3)) - middle(quarter(rss, 2))).toBeLessThanOrEqual(MAX_GROWTH_MB);
  },
  RUN_MS + 120_000,
);

/** @param which of four, counted from 0 */
function quarter(values: readonly number[], which: number): number[] {
  return values.slice((values.length * which) / 4, (values.length * (which + 1)) / 4);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
