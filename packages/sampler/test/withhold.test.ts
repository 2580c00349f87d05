import type { Clock } from '@perigee/light-core/roles';
import { systemClock } from '@perigee/net';
import { MAX_BUSY_ANSWERS, MAX_ROW_EVENTS_PER_BLOB, ROW_TIMEOUT_MS, type RowAnswer } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { oneByteAtATime } from '../../../tests/kit/adversaries/flood.ts';
import { type Liar, type RowLie, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import {
  afterRows,
  busyAtFirst,
  onlyFirst,
  refuseRows,
  silent,
  silentAboutRows,
} from '../../../tests/kit/adversaries/withhold.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import type { LightNodeOptions } from '../src/index.ts';
import { fastClock, networkOfFile, peerOf, ready, testLight, until, verdicts, withLiar } from './light.ts';

const file = networkOfFile();
/** 20, and three times 10, of which none was given: less likely than 2^-20 while K of 4K rows are there. */
const NOTHING_OF_50 = { drawn: 50, verified: 0, rounds: 4, availabilityBits: 0 };

/** The first members withhold in these ways; the rest are honest. */
async function sampleAmong(
  lies: readonly RowLie[],
  options: Partial<LightNodeOptions> = {},
  prepare?: (liars: readonly Liar[]) => Promise<void>,
) {
  const { network, key } = file;
  const liars = await Promise.all(lies.map((rows, i) => withLiar(startMemberLiar(network, network.member(i), { rows }))));
  await prepare?.(liars);
  const node = await ready(await testLight(network, [network.chainHost], options));
  return { node, liars, blob: await node.sample(key) };
}

describe('rows that holders do not give', () => {
  it.each(['notAssigned', 'pruned', 'refused'] as const)('%s by all signers before the expiry: withheld', async (status) => {
    const { node, blob, liars } = await sampleAmong(Array(4).fill(refuseRows(status)));
    expect(blob).toMatchObject({ phase: 'done', verified: 0, operators: 0, outcome: 'unavailable', confidence: NOTHING_OF_50 });
    expect(verdicts(blob.rows)).toEqual({ withheld: 50 });
    const told = node.state.events.filter(({ kind }) => kind === 'row');
    expect(told).toHaveLength(MAX_ROW_EVENTS_PER_BLOB);
    expect(told[0]).toMatchObject({ about: file.key, data: { verdict: 'withheld' } });
    for (const { host } of liars) expect(peerOf(node, host)?.banned).toBeUndefined(); // who refuses does not lie
  });

  it('refused by one: had from others, for every row has two holders at least', async () => {
    const { blob, liars } = await sampleAmong([refuseRows('refused')]);
    expect(verdicts(blob.rows)).toEqual({ verified: 20 });
    expect(liars[0]?.asked.rows).toBeGreaterThan(0);
  });

  it('silence of all: timeout, not withheld', async () => {
    const { blob } = await sampleAmong(Array(4).fill(silentAboutRows), { clock: fastClock(20) });
    expect(verdicts(blob.rows)).toEqual({ timeout: 50 });
    expect(blob).toMatchObject({ outcome: 'unavailable', confidence: NOTHING_OF_50 });
  });

  it('silence of all, about primes too: timeout', async () => {
    const { blob } = await sampleAmong(Array(4).fill(silent), { clock: fastClock(20) });
    expect(blob).toMatchObject({ phase: 'done', error: undefined, outcome: 'unavailable' });
    expect(verdicts(blob.rows)).toEqual({ timeout: 50 });
  });

  /** Time goes on, and no request for rows is ever over. */
  function endlessRequests(): Clock {
    const fast = fastClock(10);
    const sleep: Clock['sleep'] = (ms, signal) => (ms < ROW_TIMEOUT_MS ? fast : systemClock).sleep(ms, signal);
    return { now: fast.now, sleep };
  }

  it('silence of one: others are asked while its answer is still waited for', async () => {
    const { node, blob, liars } = await sampleAmong([silentAboutRows], { clock: endlessRequests() });
    expect(verdicts(blob.rows)).toEqual({ verified: 20 });
    expect(liars[0]?.asked.rows).toBeGreaterThan(0);
    for (const { host } of liars) expect(peerOf(node, host)?.banned).toBeUndefined();
  });

  it('late, when others were asked and had none: it counts all the same', async () => {
    const shown = new Set<number>();
    let answer = (): void => {};
    const others = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const late: RowLie = (honest) =>
      async function* (request, context) {
        for (const index of request.indices) shown.add(index);
        if (request.indices.length > 0) await others;
        yield* honest(request, context) as AsyncIterable<RowAnswer>;
      };
    const refuse: RowLie = (honest) => (request, context) => {
      if (request.indices.some((index) => shown.has(index))) answer();
      return refuseRows('refused')(honest)(request, context);
    };
    const { node, blob, liars } = await sampleAmong([late, refuse, refuse, refuse], { clock: endlessRequests() });
    const given = blob.rows.filter(({ verdict }) => verdict === 'verified');
    expect(given.length).toBeGreaterThan(0);
    for (const { peerId } of given) expect(peerId).toBe(liars[0]?.host.peerId);
    expect(liars[0] && peerOf(node, liars[0].host)?.banned).toBeUndefined();
  });

  it('a byte now and then: a timeout of its peer, and the row is had from others', async () => {
    const { blob, liars } = await sampleAmong([(honest) => honest], { clock: fastClock(10) }, async ([liar]) => {
      if (liar !== undefined) await oneByteAtATime(liar.host, 20);
    });
    expect(blob.rows.filter(({ peerId }) => peerId === liars[0]?.host.peerId)).toEqual([]);
    expect(blob.outcome).toBe('available');
  });

  it('half an answer: the rest is had from others', async () => {
    const { blob } = await sampleAmong([onlyFirst(2)]);
    expect(verdicts(blob.rows)).toEqual({ verified: 20 });
  });

  it('a peer that dies in the middle of its answer: what it gave counts, the rest is had from others', async () => {
    const { network, key } = file;
    const liar = await withLiar(startMemberLiar(network, network.member(0), { rows: afterRows(1) }));
    const node = await ready(await testLight(network, [network.chainHost]));
    const sampled = node.sample(key);
    const isOfIt = ({ peerId }: { readonly peerId?: string | undefined }): boolean => peerId === liar.host.peerId;
    await until(node, ({ blobs }) => blobs.some(({ rows }) => rows.some(isOfIt)));
    await liar.stop();
    const blob = await sampled;
    expect(blob.rows.filter(isOfIt)).toHaveLength(1);
    expect(verdicts(blob.rows)).toEqual({ verified: 20 });
    expect(peerOf(node, liar.host)?.banned).toBeUndefined();
  });
});

describe('a busy holder', () => {
  it('is asked again, and gives its rows', async () => {
    const { blob, liars } = await sampleAmong(
      Array.from({ length: 4 }, () => busyAtFirst(1)),
      { clock: fastClock(10) },
    );
    expect(verdicts(blob.rows)).toEqual({ verified: 20 });
    for (const { asked } of liars) expect(asked.rows).toBeLessThanOrEqual(1 + 2 * 20);
  });

  it('that stays busy has given no answer: not withheld, and not asked for ever', async () => {
    const { blob, liars } = await sampleAmong(Array(4).fill(refuseRows('busy')), { clock: fastClock(20) });
    expect(verdicts(blob.rows)).toEqual({ timeout: 50 });
    for (const { asked } of liars) expect(asked.rows).toBeLessThanOrEqual(1 + 50 * (MAX_BUSY_ANSWERS + 1));
  });
});

describe('a blob whose time is over', () => {
  it('is expired, not withheld: nothing is asked', async () => {
    const { network } = file;
    // long enough for a certificate on a busy machine
    const { key, record } = await network.publish(1_000, 40);
    await network.untilHeight(record.expiryHeight + 3);
    const node = await ready(await testLight(network));
    expect(await codeOfPromise(node.sample(key))).toBe('BLOB_EXPIRED');
    const { blobs } = await until(node, (state) => state.blobs.length > 0 && state.blobs[0]?.phase === 'failed');
    expect(blobs[0]).toMatchObject({
      error: { code: 'BLOB_EXPIRED' },
      outcome: 'expired',
      rows: [],
      record: { expiryHeight: record.expiryHeight },
    });
  });

  it('after it was sampled: what was available is expired', async () => {
    const { network } = file;
    const node = await ready(await testLight(network));
    const { key, record } = await network.publish(1_000, 40); // long enough to sample it on a busy machine
    // the node may be a head behind
    expect(await eventually(() => node.sample(key))).toMatchObject({ outcome: 'available' });
    await network.untilHeight(record.expiryHeight + 1);
    const { blobs } = await until(node, (state) => state.blobs[0]?.outcome === 'expired');
    expect(blobs[0]).toMatchObject({ phase: 'done', verified: 20 });
  });

  it('while it is sampled: rows that nobody owes any more are not withheld', async () => {
    const { network } = file;
    const { key } = await network.publish(1_000, 12);
    for (let i = 0; i < 4; i++) await withLiar(startMemberLiar(network, network.member(i), { rows: silentAboutRows }));
    const node = await ready(await testLight(network, [network.chainHost], { clock: fastClock(5) }));
    expect(await codeOfPromise(node.sample(key))).toBe('BLOB_EXPIRED');
    expect(verdicts(node.state.blobs[0]?.rows ?? []).withheld).toBeUndefined();
  });
});
