/** Samples of a whole network: what is withheld of a blob, who joins a sample, which blobs are drawn, and what a head is worth. */
import { MAX_SAMPLED_BLOBS, type Status, type StatusRequest } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { eachAnswer, startChainLiar, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { silentAboutRows, withholdRows } from '../../../tests/kit/adversaries/withhold.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { randomOf } from '../../../tests/kit/random.ts';
import { networkOfFile, peerOf, ready, testLight, until, verdicts, withLiar } from './light.ts';

const file = networkOfFile();

describe('rows that no member gives', () => {
  /** Every member keeps the same rows to itself. */
  async function sampleWithout(share: number, budget: 'full' | 'light' = 'full') {
    const { network, key } = file;
    const rows = randomOf(onTestFailed).shuffled(Array.from({ length: 256 }, (_, i) => i));
    const withheld = new Set(rows.slice(0, Math.round(share * 256)));
    const liars = await Promise.all(
      network.members.map((member) => withLiar(startMemberLiar(network, member, { rows: withholdRows(withheld) }))),
    );
    const node = await ready(await testLight(network, [network.chainHost]));
    const blob = await node.sample(key, { budget });
    for (const { host } of liars) expect(peerOf(node, host)?.banned).toBeUndefined(); // who refuses does not lie
    for (const { index, verdict } of blob.rows) expect(verdict).toBe(withheld.has(index) ? 'withheld' : 'verified');
    expect(blob.confidence).toMatchObject({ drawn: blob.rows.length, verified: blob.verified });
    return blob;
  }

  it('none: available in one round, and by whom it is certified is said apart', async () => {
    const blob = await sampleWithout(0);
    expect(blob).toMatchObject({ outcome: 'available', confidence: { drawn: 20, rounds: 1, target: 40, budget: 256 } });
    expect(blob.confidence?.availabilityBits).toBeGreaterThanOrEqual(40);
    expect(blob.confidence?.encodingBits).toBeCloseTo(20 * (1 - Math.log2(1.25)));
    expect(blob.record?.signedStake).toBeGreaterThan(2 / 3);
    expect(blob.outcomeAtMs).toBeGreaterThan(0);
  });

  it('a quarter: available after more rounds', async () => {
    const { outcome, confidence } = await sampleWithout(0.25);
    expect(outcome).toBe('available');
    expect(confidence?.availabilityBits).toBeGreaterThanOrEqual(40);
  });

  it('more than can be recovered: never available', async () => {
    const { outcome, confidence } = await sampleWithout(0.76);
    expect(['inconclusive', 'unavailable']).toContain(outcome);
    expect(confidence?.availabilityBits).toBeLessThan(40);
  });

  it('nearly all: unavailable', async () => {
    const { outcome, confidence } = await sampleWithout(0.9);
    expect(outcome).toBe('unavailable');
    expect(confidence?.unavailabilityBits).toBeGreaterThan(20);
  });

  it('nearly all, with a light budget: at most 64 rows', async () => {
    const { outcome, confidence } = await sampleWithout(0.8, 'light');
    expect(['inconclusive', 'unavailable']).toContain(outcome);
    expect(confidence).toMatchObject({ target: 20, budget: 64 });
    expect(confidence?.drawn).toBeLessThanOrEqual(64);
  });
});

it('members that cannot be reached make no blob unavailable', async () => {
  const { network, key } = file;
  const liars = await Promise.all(network.members.map((member) => withLiar(startMemberLiar(network, member, {}))));
  const node = await ready(await testLight(network, [network.chainHost]));
  await Promise.all(liars.map((liar) => liar.stop()));
  const blob = await node.sample(key);
  expect(blob).toMatchObject({ outcome: 'inconclusive', verified: 0 });
  expect(verdicts(blob.rows).withheld).toBeUndefined();
});

it('who joins a sample may give up alone', async () => {
  const { network, key } = file;
  const liars = await Promise.all(
    network.members.map((member) => withLiar(startMemberLiar(network, member, { rows: silentAboutRows }))),
  );
  const node = await ready(await testLight(network, [network.chainHost]));
  const [first, second] = [new AbortController(), new AbortController()];
  const joined = [first, second].map(({ signal }) => codeOfPromise(node.sample(key, { signal })));
  await until(node, ({ blobs }) => blobs[0]?.phase === 'sampling');
  first.abort();
  expect(await joined[0]).toBe('ABORTED');
  expect(node.state.blobs).toMatchObject([{ phase: 'sampling' }]);
  second.abort();
  expect(await joined[1]).toBe('ABORTED');
  await until(node, ({ blobs }) => blobs[0]?.phase === 'failed');
  for (const { asked } of liars) expect(asked.rows).toBeGreaterThan(0);
});

it('who joins a sample on a light budget and wants a full one gets a full one', async () => {
  const { network, key } = file;
  const node = await ready(await testLight(network));
  const [light, full] = await Promise.all([node.sample(key, { budget: 'light' }), node.sample(key)]);
  for (const { confidence } of [light, full]) expect(confidence).toMatchObject({ target: 40, budget: 256 });
});

it('who waits for a turn to sample may give up at once', async () => {
  const { network, key } = file;
  const keys = await Promise.all(Array.from({ length: MAX_SAMPLED_BLOBS }, async () => (await network.publish(1_000)).key));
  for (const member of network.members) await withLiar(startMemberLiar(network, member, { rows: silentAboutRows }));
  const node = await ready(await testLight(network, [network.chainHost]));
  const stop = new AbortController();
  const running = keys.map((each) => codeOfPromise(node.sample(each, { signal: stop.signal })));
  await until(node, ({ blobs }) => blobs.length === MAX_SAMPLED_BLOBS);
  const late = new AbortController();
  const waiting = codeOfPromise(node.sample(key, { signal: late.signal }));
  await new Promise((resolve) => setTimeout(resolve, 200)); // its record is proved by then, or will be: either way it may give up
  late.abort();
  expect(await waiting).toBe('ABORTED');
  expect(node.state.blobs).toHaveLength(MAX_SAMPLED_BLOBS);
  for (const { outcome } of node.state.blobs) expect(outcome).toBeUndefined();
  stop.abort();
  expect(new Set(await Promise.all(running))).toEqual(new Set(['ABORTED']));
});

it('a head says how many blobs of the latest block that has any were sampled, and the least of their bits, while later blocks have none', async () => {
  const { network } = file;
  const node = await testLight(network, undefined, { follow: true });
  await until(node, ({ phase }) => phase === 'live');
  const { key, height } = await network.publish();
  const { head, blobs } = await until(node, (state) => state.head?.confidence?.sampled === 1 && state.head.height > height + 2);
  expect(head?.confidence).toEqual({
    height,
    sampled: 1,
    blobs: 1,
    bits: blobs.find(({ blobId }) => blobId === key)?.confidence?.availabilityBits,
  });
});

it('blobs that no peer speaks of are found in the lists of the chain', async () => {
  const { network } = file;
  const mute = await withLiar(
    startChainLiar(network, { status: eachAnswer<StatusRequest, Status>((status) => ({ ...status, recentBlobs: [] })) }),
  );
  const node = await testLight(network, [mute.host], { follow: true });
  const { key } = await network.publish();
  await until(node, ({ blobs }) => blobs.some(({ blobId, outcome }) => blobId === key && outcome === 'available'));
});
