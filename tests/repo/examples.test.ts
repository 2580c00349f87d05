import { cryptoRandomBytes } from '@perigee/net';
import { createLightNode } from '@perigee/sampler';
import { expect, it } from 'vitest';
import { AgentMemory, type Remembered } from '../../examples/agent-memory/memory.ts';
import { eventually } from '../kit/eventually.ts';
import { startLocalNetwork } from '../kit/local-network.ts';

it('an agent remembers what was said, in order, and another recalls and follows it', async () => {
  const network = await startLocalNetwork({
    blockMs: 300,
    genesis: { storage: { pricePerSector: 1n }, kv: { depositPerByte: 1n } },
  });
  const nodes = [0, 1].map(() => createLightNode({ trustRoot: network.trustRoot(), follow: false, workers: 1 }));
  try {
    const stream = cryptoRandomBytes(32);
    const [one, two] = await Promise.all(
      nodes.map(async (node) => {
        await node.start();
        return new AgentMemory(node, stream);
      }),
    );
    if (one === undefined || two === undefined) throw new Error('two agents were made');
    expect(await one.recall(10)).toEqual([]);
    const heard: Remembered[] = [];
    const stop = two.follow((message) => heard.push(message));
    expect(await one.remember({ role: 'user', text: 'My name is Ada' }, network.account)).toMatchObject({ number: 1 });
    expect(await one.remember({ role: 'agent', text: 'Nice to meet you, Ada' }, network.account)).toMatchObject({ number: 2 });
    const texts = (messages: readonly Remembered[]) => messages.map(({ number, role, text }) => `${number} ${role}: ${text}`);
    const all = ['1 user: My name is Ada', '2 agent: Nice to meet you, Ada'];
    await eventually(async () => expect(texts(await two.recall(10))).toEqual(all));
    expect(texts(await two.recall(1))).toEqual(all.slice(1));
    await eventually(() => expect(texts(heard)).toContain(all[1]));
    stop();
  } finally {
    for (const node of nodes) await node.stop();
    await network.stop();
  }
});
