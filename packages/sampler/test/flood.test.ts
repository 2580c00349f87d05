import type { Clock } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';
import { ROW_TIMEOUT_MS } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { endlessRows, endlessStatus, garbage, halfOpen, hugeFrame, unaskedRows } from '../../../tests/kit/adversaries/flood.ts';
import { type Liar, type RowLie, startChainLiar, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { fastClock, networkOfFile, peerOf, ready, testLight, until, verdicts, withLiar } from './light.ts';

const file = networkOfFile();
/** Honest peers live in the process that is flooded: they are given the time that it takes. */
const SLOW_TO_GIVE_UP: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms >= ROW_TIMEOUT_MS ? 10 * ms : ms, signal),
};
const rowsOnly =
  (lie: RowLie): RowLie =>
  (honest) =>
  (request, context) =>
    (request.indices.length === 0 ? honest : lie(honest))(request, context);

describe('a holder that sends more than was asked for', () => {
  it('without end: is banned at the first answer too many, and its rows are had from others', async () => {
    const { network, key } = file;
    const sent = { count: 0 };
    const liar = await withLiar(startMemberLiar(network, network.member(0), { rows: rowsOnly(endlessRows(sent)) }));
    const node = await ready(await testLight(network, [network.chainHost], { clock: SLOW_TO_GIVE_UP }));
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
    await until(node, () => peerOf(node, liar.host)?.banned !== undefined);
    const after = sent.count;
    await network.untilHeight(network.chain.latest().height + 3);
    expect(sent.count).toBeLessThanOrEqual(after + 1_000); // what was on its way; the stream is gone
  });

  it('rows that nobody asked for: the same', async () => {
    const { network, key } = file;
    const liar = await withLiar(startMemberLiar(network, network.member(0), { rows: rowsOnly(unaskedRows) }));
    const node = await ready(await testLight(network, [network.chainHost]));
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
    await until(node, () => peerOf(node, liar.host)?.banned?.includes('not asked for') === true);
  });
});

describe('a holder that breaks the frames', () => {
  it.each<[string, (liar: Liar) => Promise<void>, boolean]>([
    ['random bytes', ({ host }) => garbage(host), true],
    ['a frame without end', ({ host }) => hugeFrame(host), true],
    ['nothing at all', ({ host }) => halfOpen(host), false],
  ])('%s: its rows are had from others', async (_what, prepare, isBanned) => {
    const { network, key } = file;
    const liar = await withLiar(startMemberLiar(network, network.member(0), {}));
    await prepare(liar);
    const node = await ready(await testLight(network, [network.chainHost], { clock: fastClock(20) }));
    // half a second is 10 s here: on a busy machine an honest peer may take longer, and more rows are drawn
    const blob = await node.sample(key);
    expect(blob.outcome).toBe('available');
    expect(blob.rows.filter(({ peerId }) => peerId === liar.host.peerId)).toEqual([]);
    expect(peerOf(node, liar.host)?.banned !== undefined).toBe(isBanned);
  });
});

describe('a peer that tells its status without end', () => {
  it('is heard at a bounded pace, and others are heard beside it', async () => {
    const { network, key } = file;
    const sent = { count: 0 };
    const liar = await withLiar(startChainLiar(network, { status: endlessStatus(sent) }));
    const node = await ready(await testLight(network, [liar.host, network.chainHost]));
    let changes = 0;
    node.subscribe(() => changes++);
    const { height } = network.chain.latest();
    await until(node, ({ head }) => (head?.height ?? 0) >= height + 5);
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
    // many statuses fit into the windows of the stream; of these a few are heard, at STATUS_INTERVAL_MS each
    expect(changes).toBeLessThan(500);
    expect(peerOf(node, liar.host)?.bytesIn).toBeLessThan(8 << 20);
  });
});
