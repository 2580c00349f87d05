import type { Clock } from '@perigee/light-core/roles';
import { createHost, systemClock } from '@perigee/net';
import { expect, it, onTestFinished } from 'vitest';
import { DownloadCap } from '../src/blob/download-cap.ts';
import { codeOf, networkOfFile, testLight, until } from './light.ts';

const file = networkOfFile();
const signal = new AbortController().signal;

/** A clock that is as late as those who slept on it have waited. */
function sleeper(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = 0;
  return {
    slept,
    now: () => now,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  };
}

it('a cap lets as much come at once as in a second, and then its rate', async () => {
  const clock = sleeper();
  let bytes = 0;
  const cap = new DownloadCap({ bytesPerSecond: 1_000, received: () => bytes, clock });
  await cap.pass(signal);
  bytes += 1_000;
  await cap.pass(signal);
  expect(clock.slept).toEqual([]);
  for (let i = 0; i < 10; i++) {
    bytes += 500;
    await cap.pass(signal);
  }
  expect(clock.now()).toBe(5_000);
  // a long silence saves up no more than a second
  await clock.sleep(60_000);
  bytes += 3_000;
  await cap.pass(signal);
  expect(clock.slept.at(-1)).toBe(2_000);
});

it('what comes while it waits counts too', async () => {
  let bytes = 2_000;
  const clock = sleeper();
  const busy: Clock = {
    now: clock.now,
    sleep: async (ms) => {
      if (clock.slept.length === 0) bytes += 500;
      await clock.sleep(ms);
    },
  };
  await new DownloadCap({ bytesPerSecond: 1_000, received: () => bytes, clock: busy }).pass(signal);
  expect(clock.slept).toEqual([1_000, 500]);
});

it('a node over its cap follows the chain, samples what it is asked to, and nothing else', async () => {
  const { network, key } = file;
  expect(await codeOf(testLight(network, undefined, { maxDownBytesPerSecond: 0 }))).toBe('INVALID_ARGUMENT');
  const node = await testLight(network, undefined, { follow: true, maxDownBytesPerSecond: 1, clock: systemClock });
  const { head } = await until(node, ({ phase, chain }) => phase === 'live' && chain?.development === true);
  await until(node, (state) => (state.head?.height ?? 0) >= (head?.height ?? 0) + 5);
  expect(node.state.rowsVerified).toBe(0);
  expect((await node.sample(key)).outcome).toBe('available');
});

it.each([
  ['no cap at all', Number.POSITIVE_INFINITY],
  ['a cap that what the host of others received before would use up for years', 1_000_000],
])('%s holds nothing up', async (_what, maxDownBytesPerSecond) => {
  const host = await createHost({ allowPrivate: true });
  onTestFinished(() => host.stop());
  const traffic = host.traffic.bind(host);
  host.traffic = () => ({ ...traffic(), bytesIn: traffic().bytesIn + 2 ** 50 });
  const node = await testLight(file.network, undefined, { follow: true, maxDownBytesPerSecond, host });
  await until(node, ({ rowsVerified }) => rowsVerified > 0);
});
