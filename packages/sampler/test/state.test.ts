import type { Clock } from '@perigee/light-core/roles';
import { blobKey } from '@perigee/light-core/state';
import { systemClock } from '@perigee/net';
import { ASK_STAGGER_MS, fromHex, type Status, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { eachAnswer, type StateLie, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import {
  claimedAbsence,
  forgedPrefix,
  missingProof,
  otherHeight,
  otherKey,
  otherValue,
  staleRoot,
} from '../../../tests/kit/adversaries/state.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import { networkOfFile, peerOf, ready, testLight, until, verdicts, withLiar } from './light.ts';

const file = networkOfFile();
/** Before it asks the next peer it waits long enough for any machine to answer. */
const PATIENT_CLOCK: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms === ASK_STAGGER_MS ? 4_000 : ms, signal),
};
const UNKNOWN = `00${'17'.repeat(32)}`;

describe('a peer that proves what is not so', () => {
  it.each<[string, StateLie]>([
    ['another key', otherKey],
    ['another height', otherHeight],
    ['what was true once', staleRoot],
    ['another value', otherValue],
    ['a forged prefix', forgedPrefix],
    ['an absence', claimedAbsence],
    ['nothing', missingProof],
  ])('%s: is banned, and nothing is believed', async (_what, state) => {
    const { network, key } = file;
    const liar = await withLiar(startChainLiar(network, { state }));
    const alone = await testLight(network, [liar.host]);
    await until(alone, () => peerOf(alone, liar.host)?.banned !== undefined);
    expect(alone.state.chain?.development).toBeUndefined();
    expect(await codeOfPromise(alone.sample(key))).toBe('UNPROVEN');

    const node = await ready(await testLight(network, [liar.host, network.chainHost]));
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
    await until(node, ({ chain }) => chain?.development === true);
  });
});

describe('a blob that nobody has published', () => {
  it('is unknown once its absence is proved', async () => {
    const node = await ready(await testLight(file.network));
    expect(await codeOfPromise(node.sample(UNKNOWN))).toBe('NOT_FOUND');
    expect(node.state.blobs).toEqual([]);
  });

  it('is unproven, not unknown, when nobody proves its absence', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { state: otherKey }));
    const node = await testLight(network, [liar.host]);
    await until(node, ({ head }) => head !== undefined);
    expect(await codeOfPromise(node.sample(UNKNOWN))).toBe('UNPROVEN');
  });

  it('is unproven, not unknown, while one peer alone shows the head', async () => {
    const { network } = file;
    const lonely = { status: eachAnswer<unknown, Status>((status) => ({ ...status, peers: [] })) as never };
    const only = await withLiar(startChainLiar(network, lonely));
    const node = await testLight(network, [only.host]);
    await until(node, ({ freshness }) => freshness === 'one source');
    expect(await codeOfPromise(node.sample(UNKNOWN))).toBe('UNPROVEN');
  });
});

it('a peer that is silent about the state holds up nobody', async () => {
  const { network, key } = file;
  /** Keys that the silent peer was asked to prove, hexadecimal. */
  const asked: string[] = [];
  const silent: StateLie =
    () =>
    ({ keys }, { signal }) => {
      asked.push(...keys.map(toHex));
      return new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Error('given up')), { once: true }),
      );
    };
  const liar = await withLiar(startChainLiar(network, { state: silent }));
  const node = await ready(await testLight(network, [liar.host, network.chainHost], { clock: PATIENT_CLOCK }));
  expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
  expect(asked.length).toBeGreaterThan(0);
  // who was slow is asked last, so it hears nothing of what the other answers in time
  for (let i = 0; i < 5; i++) await eventually(async () => expect(await codeOfPromise(node.sample(UNKNOWN))).toBe('NOT_FOUND'));
  expect(asked).not.toContain(toHex(blobKey(fromHex(UNKNOWN))));
});

it('a node that is started again while it stops is not said to be stopped', async () => {
  const node = await ready(await testLight(file.network, [file.network.chainHost]));
  const stopping = node.stop();
  await node.start();
  await stopping;
  expect(node.state.phase).not.toBe('stopped');
  await until(node, ({ phase }) => phase === 'live');
});
