import type { Clock } from '@perigee/light-core/roles';
import { createHost, systemClock } from '@perigee/net';
import { MAX_DAY_COUNT_BYTES, utf8 } from '@perigee/wire';
import { expect, it, onTestFinished } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { decodeDayCount, encodeDayCount } from '../src/budgets/day-count.ts';
import { BudgetKeeper, type Budgets } from '../src/budgets/index.ts';
import { createLightNode } from '../src/index.ts';
import { networkOfFile, testLight, until } from './light.ts';

const file = networkOfFile();
const { signal } = new AbortController();
const DAY_MS = 86_400_000;

/** A clock that is as late as those who slept on it have waited. */
function sleeper(start = 0): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = start;
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  };
}

/** A keeper, and what it counts. */
function counting(budgets: Budgets, clock: Clock) {
  const used = { bytes: 0, cpuMs: 0 };
  return { used, keeper: new BudgetKeeper({ budgets, bytes: () => used.bytes, cpuMs: () => used.cpuMs, clock }) };
}

it('a cap of bytes a second lets as much come at once as in a second, and then its rate', async () => {
  const clock = sleeper();
  const { used, keeper } = counting({ bytesPerSecond: 1_000 }, clock);
  await keeper.pass(signal);
  used.bytes += 1_000;
  await keeper.pass(signal);
  expect(clock.slept).toEqual([]);
  for (let i = 0; i < 10; i++) {
    used.bytes += 500;
    await keeper.pass(signal);
  }
  expect(clock.now()).toBe(5_000);
  // a long silence saves up no more than a second
  await clock.sleep(60_000);
  used.bytes += 3_000;
  await keeper.pass(signal);
  expect(clock.slept.at(-1)).toBe(2_000);
});

it('what comes while it waits counts too', async () => {
  const clock = sleeper();
  const busy: Clock = {
    now: clock.now,
    sleep: async (ms) => {
      if (clock.slept.length === 0) used.bytes += 500;
      await clock.sleep(ms);
    },
  };
  const { used, keeper } = counting({ bytesPerSecond: 1_000 }, busy);
  used.bytes = 2_000;
  await keeper.pass(signal);
  expect(clock.slept).toEqual([1_000, 500]);
});

it('a cap of processor time holds over a minute', async () => {
  const clock = sleeper();
  const { used, keeper } = counting({ cpuShare: 0.1 }, clock);
  used.cpuMs = 6_000;
  await keeper.pass(signal);
  expect(clock.slept).toEqual([]);
  used.cpuMs += 50;
  expect(keeper.view()).toMatchObject({ throttledBy: ['cpuShare'], resumesAtMs: 500 });
  await keeper.pass(signal);
  expect(clock.now()).toBe(500);
});

it('a day whose bytes are used is waited out, and an earlier run counts', async () => {
  const clock = sleeper(3 * DAY_MS + 1_000);
  const { used, keeper } = counting({ bytesPerDay: 10_000 }, clock);
  keeper.resume({ day: 2, bytes: 10_000 });
  await keeper.pass(signal);
  keeper.resume({ day: 3, bytes: 6_000 });
  used.bytes = 4_000;
  expect(keeper.view()).toMatchObject({ bytesToday: 10_000, throttledBy: ['bytesPerDay'], resumesAtMs: 4 * DAY_MS });
  await keeper.pass(signal);
  expect(clock.now()).toBe(4 * DAY_MS);
  expect(keeper.view()).toMatchObject({ bytesToday: 0, throttledBy: [], resumesAtMs: undefined });
});

it('caps that are raised let go at once what waits', async () => {
  const clock: Clock = {
    now: () => 0,
    sleep: (_ms, until) => new Promise((_, reject) => until?.addEventListener('abort', () => reject(until.reason))),
  };
  const { used, keeper } = counting({ bytesPerSecond: 1 }, clock);
  used.bytes = 1_000;
  const passed = keeper.pass(signal);
  expect(() => keeper.set({ cpuShare: 0 })).toThrow(/a cpuShare of 0/);
  expect(keeper.view().throttledBy).toEqual(['bytesPerSecond']);
  keeper.set({});
  await passed;
  const stop = new AbortController();
  keeper.set({ bytesPerDay: 1 });
  const waiting = keeper.pass(stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow();
});

it('what is owed under one cap is owed still when another changes', () => {
  const { used, keeper } = counting({ cpuShare: 0.1, bytesPerSecond: 1_000 }, sleeper());
  used.cpuMs = 7_000;
  used.bytes = 2_000;
  keeper.set({ cpuShare: 0.1, bytesPerSecond: 1 });
  expect(keeper.view().throttledBy).toEqual(['cpuShare']);
  keeper.set({ cpuShare: 0.1, bytesPerSecond: 1_000 });
  expect(keeper.view()).toMatchObject({ throttledBy: ['cpuShare'], resumesAtMs: 10_000 });
});

it('what was used is a rate of late', () => {
  const clock = sleeper();
  const { used, keeper } = counting({}, clock);
  for (let second = 1; second <= 100; second++) {
    void clock.sleep(1_000);
    used.bytes += 300;
    used.cpuMs += second > 40 ? 200 : 999;
    keeper.view();
  }
  expect(keeper.view()).toMatchObject({ cpuShare: 0.2, bytesPerSecond: 300, bytesToday: 30_000, caps: {} });
});

it('the count of a day is read back, and nothing else is taken for one', () => {
  expect(new TextDecoder().decode(encodeDayCount({ day: 20_787, bytes: 123_456 }))).toBe(
    '{"version":1,"day":20787,"bytes":123456}',
  );
  expect(decodeDayCount(encodeDayCount({ day: 20_787, bytes: 123_456 }))).toEqual({ day: 20_787, bytes: 123_456 });
  expect(() => decodeDayCount(utf8('{"version":2}'))).toThrow(/a later one/);
  for (const text of ['', '7', 'null', '{}', '{"version":1,"day":1,"bytes":-1}', ' '.repeat(MAX_DAY_COUNT_BYTES + 1)]) {
    expect(() => decodeDayCount(utf8(text)), text).toThrow(/cannot be used/);
  }
});

it('a node over its cap follows the chain, samples what it is asked to, and nothing else', async () => {
  const { network, key } = file;
  expect(await codeOfPromise(testLight(network, undefined, { budgets: { bytesPerSecond: 0 } }))).toBe('INVALID_ARGUMENT');
  const node = await testLight(network, undefined, { follow: true, budgets: { bytesPerSecond: 1 }, clock: systemClock });
  const { head } = await until(node, ({ phase, chain }) => phase === 'live' && chain?.development === true);
  await until(node, (state) => (state.head?.height ?? 0) >= (head?.height ?? 0) + 5);
  expect(node.state.rowsVerified).toBe(0);
  expect(node.state.budgets).toMatchObject({ caps: { bytesPerSecond: 1 }, throttledBy: ['bytesPerSecond'] });
  expect((await node.sample(key)).outcome).toBe('available');
  const other = (await network.publish()).key;
  node.setBudgets({});
  await until(node, ({ blobs }) => blobs.some(({ blobId, outcome }) => blobId === other && outcome === 'available'));
});

it('a node that starts again knows what it used of the day', async () => {
  const store = { directory: temporaryFolder('budgets'), budgetBytes: 2 ** 24 };
  const first = await testLight(file.network, undefined, { follow: true, store });
  await until(first, ({ rowsVerified, storage }) => rowsVerified > 0 && storage !== undefined);
  const { bytesToday } = first.state.budgets;
  expect(bytesToday).toBeGreaterThan(10_000);
  await first.stop();
  const second = createLightNode({ trustRoot: file.network.trustRoot(), workers: 1, store });
  onTestFinished(() => second.stop());
  second.setBudgets({ bytesPerDay: 1 });
  expect(second.state.budgets.caps).toEqual({ bytesPerDay: 1 });
  await second.start();
  const { head } = await until(second, ({ budgets }) => budgets.bytesToday >= bytesToday);
  await until(second, (state) => (state.head?.height ?? 0) >= (head?.height ?? 0) + 3);
  expect(second.state).toMatchObject({ rowsVerified: 0, budgets: { throttledBy: ['bytesPerDay'] } });
});

it.each([
  ['no cap at all', Number.POSITIVE_INFINITY],
  ['a cap that what the host of others received before would use up for years', 1_000_000],
])('%s holds nothing up', async (_what, bytesPerSecond) => {
  const host = await createHost({ allowPrivate: true });
  onTestFinished(() => host.stop());
  const traffic = host.traffic.bind(host);
  host.traffic = () => ({ ...traffic(), bytesIn: traffic().bytesIn + 2 ** 50 });
  const node = await testLight(file.network, undefined, { follow: true, budgets: { bytesPerSecond }, host });
  await until(node, ({ rowsVerified }) => rowsVerified > 0);
});
