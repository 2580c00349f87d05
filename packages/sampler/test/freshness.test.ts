import type { Clock } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';
import { CURRENT_WITHIN_MS } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { eachAnswer, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { networkOfFile, ready, testLight, until, withLiar } from './light.ts';
import { memorySink } from './memory-sink.ts';

const HOUR_MS = 3_600_000;
const file = networkOfFile();

/** The machine's clock, wrong by so much. */
function wrongBy(ms: number): Clock {
  return { ...systemClock, now: () => Date.now() + ms };
}

describe('a local clock that is wrong', () => {
  it('an hour behind: headers stay refused, and it is said by how much', async () => {
    const { network } = file;
    const node = await testLight(network, undefined, { clock: wrongBy(-HOUR_MS) });
    const { head, error, clock, events, peers } = await until(
      node,
      (state) => state.clock.state === 'behind' && state.error !== undefined,
    );
    expect(head).toBeUndefined();
    expect(error?.code).toBe('HEADER_FUTURE');
    expect(Math.abs(clock.offsetMs - HOUR_MS)).toBeLessThan(60_000);
    expect(events.find(({ kind }) => kind === 'clock')).toMatchObject({ about: 'behind' });
    expect(peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
  });

  it('an hour ahead: heads are shown as old, and it is said by how much', async () => {
    const { network } = file;
    const node = await testLight(network, undefined, { clock: wrongBy(HOUR_MS) });
    const { clock, freshness, events } = await until(node, (state) => state.clock.state === 'ahead');
    expect(freshness).toBe('stale');
    expect(Math.abs(clock.offsetMs - HOUR_MS)).toBeLessThan(60_000);
    expect(events.find(({ kind }) => kind === 'clock')).toMatchObject({ about: 'ahead' });
  });

  it('that is right: is said too', async () => {
    const node = await ready(await testLight(file.network));
    const { clock } = await until(node, ({ freshness }) => freshness === 'current');
    expect(clock).toEqual({ state: 'ok', offsetMs: 0 });
    const heads = node.state.events.filter(({ kind }) => kind === 'head').map(({ data }) => data.freshness);
    expect(heads.at(-1)).toBe('current');
  });
});

it('an eclipse by old heads is shown as such: stale, and not blamed on the clock', async () => {
  const { network, key } = file;
  const { height } = network.chain.latest();
  const { block } = network.chain.lightBlock(height);
  const headerHash = block.signedHeader?.commit?.blockId.hash ?? new Uint8Array(0);
  const frozen = { status: eachAnswer((status: object) => ({ ...status, height, headerHash })) as never };
  const liars = await Promise.all([withLiar(startChainLiar(network, frozen)), withLiar(startChainLiar(network, frozen))]);
  // the heads were current once, ten minutes ago
  const clock = wrongBy(20 * CURRENT_WITHIN_MS);
  const node = await testLight(
    network,
    liars.map(({ host }) => host),
    { clock },
  );
  await until(node, ({ head, freshness }) => head?.height === height && freshness === 'stale');
  await network.untilHeight(network.chain.latest().height + 30);
  expect(node.state).toMatchObject({ head: { height }, freshness: 'stale', clock: { state: 'unknown' } });
  expect(node.state.events.filter(({ kind }) => kind === 'clock')).toEqual([]);
  expect(await codeOfPromise(node.sample(key))).toBe('none'); // what was recorded then can be sampled, as of then
  // what was not may have been recorded since
  const later = (await network.publish()).key;
  expect(await codeOfPromise(node.sample(later))).toBe('UNPROVEN');
  expect(await codeOfPromise(node.retrieve(later, { sink: memorySink() }))).toBe('UNPROVEN');
});
