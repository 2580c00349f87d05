/** Sampling and retrieval over networks that delay, lose, reorder, damage and cut: they succeed or say what did not come, and blame nobody. */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import type { Faults } from '../../../tests/kit/fault-proxy.ts';
import { type PoorNetwork, type PoorTransport, startPoorNetwork } from '../../../tests/kit/poor-network.ts';
import { createRandom } from '../../../tests/kit/random.ts';
import type { DatagramFaults } from '../../../tests/kit/udp-fault-proxy.ts';
import type { LightNode, LightNodeOptions } from '../src/index.ts';
import { fastClock, peerOf, ready, testLight, verdicts } from './light.ts';
import { memorySink } from './memory-sink.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const data = randomBytes(600_000);
const random = createRandom();
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a retrieval may say when too little came. */
const HONEST_FAILURES = ['none', 'NOT_ENOUGH_ROWS', 'UNREACHABLE', 'UNPROVEN', 'TIMEOUT', 'ABORTED'];

const BAD: Readonly<Record<PoorTransport, Faults & DatagramFaults>> = {
  tcp: { delayMs: 30, jitterMs: 40, loss: 0.05 },
  websocket: { delayMs: 30, jitterMs: 40, loss: 0.05 },
  'webrtc-direct': { delayMs: 20, jitterMs: 30, loss: 0.03, repeats: 0.02 },
};
const WORSE: Readonly<Record<PoorTransport, readonly (readonly [string, Faults & DatagramFaults])[]>> = {
  tcp: [
    ['that damages bytes', { corruption: 1e-5 }],
    ['that cuts connections', { cutAfterBytes: 50_000 }],
    ['on which nothing comes any more', { silent: true }],
  ],
  websocket: [
    ['that damages bytes', { corruption: 1e-5 }],
    ['on which nothing comes any more', { silent: true }],
  ],
  'webrtc-direct': [
    ['that loses half', { delayMs: 10, jitterMs: 100, loss: 0.5 }],
    ['on which nothing comes any more', { loss: 1 }],
  ],
};

describe.each(['tcp', 'websocket', 'webrtc-direct'] as const)('over a poor network, by %s', (transport) => {
  let poor: PoorNetwork;
  let key: string;
  beforeAll(async () => {
    poor = await startPoorNetwork(transport, random);
    key = (await poor.network.publish(data)).key;
  });
  afterAll(() => poor?.stop());

  async function nodeOn(options: Partial<LightNodeOptions> = {}): Promise<LightNode> {
    const { members } = poor.network;
    const node = await ready(await testLight(poor.network, undefined, options), members.length);
    for (const { host } of members) expect(peerOf(node, host)?.transport).toBe(transport);
    return node;
  }

  const banned = (node: LightNode) => node.state.peers.filter((peer) => peer.banned !== undefined);

  it('one that delays, loses and reorders: what is there is found, and comes whole', async ({ onTestFailed }) => {
    onTestFailed(() => console.log(`PERIGEE_SEED=${random.seed}`));
    poor.set(BAD[transport]);
    const node = await nodeOn();
    const blob = await node.sample(key);
    expect(blob.outcome).toBe('available');
    expect(Object.keys(verdicts(blob.rows)).filter((verdict) => verdict !== 'verified' && verdict !== 'timeout')).toEqual([]);
    const sink = memorySink();
    await node.retrieve(key, { sink });
    expect(sha256(sink.bytes())).toBe(sha256(data));
    expect(banned(node)).toEqual([]);
  });

  it.each(LONG ? WORSE[transport] : WORSE[transport].slice(0, 1))(
    'one %s: nothing wrong is said, and nobody is blamed',
    async (_what, faults) => {
      poor.set({});
      const node = await nodeOn({ clock: fastClock(10) });
      poor.set(faults);
      const blob = await node.sample(key).catch((error: { code: string }) => error);
      if ('rows' in blob) {
        const counts = verdicts(blob.rows);
        expect(Object.keys(counts).filter((verdict) => verdict !== 'verified' && verdict !== 'timeout')).toEqual([]);
        // on a clock ten times as fast hardly anything may come in time; when all holders were asked, that is what this verdict says
        if (blob.outcome === 'unavailable') expect(counts.verified ?? 0).toBeLessThan(blob.rows.length / 4);
        else expect(['available', 'inconclusive']).toContain(blob.outcome);
      } else expect(HONEST_FAILURES).toContain(blob.code);
      const sink = memorySink();
      const code = await codeOfPromise(node.retrieve(key, { sink, signal: AbortSignal.timeout(20_000) }));
      expect(HONEST_FAILURES).toContain(code);
      if (code === 'none') expect(sha256(sink.bytes())).toBe(sha256(data));
      else expect(sink.state).toBe('aborted');
      expect(banned(node)).toEqual([]);

      poor.set({}); // the network is well again
      const later = await nodeOn();
      expect((await later.sample(key)).outcome).toBe('available');
    },
  );
});
