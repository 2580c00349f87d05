import { readFileSync } from 'node:fs';
import { createHost, cryptoRandomBytes, systemClock } from '@perigee/net';
import { Attestor } from '@perigee/sampler/attest';
import { AnswerChecker, createComputeClient, type Reply } from '@perigee/sampler/compute';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { type Network, startNetwork } from '../../../tests/kit/network.ts';
import { computePayer } from '../src/compute/payer.ts';
import { withLightNode } from '../src/light.ts';

const TEXTS = Array.from({ length: 200 }, (_, i) => `Sentence ${i} is about ${i % 2 === 0 ? 'the sea' : 'the kitchen'}.`);

let network: Network;
beforeAll(async () => {
  network = await startNetwork({ nodes: 2, blockMs: 250 });
  // one registration for each of its models
  await eventually(() => expect(network.output().split('the provider is registered').length).toBeGreaterThan(2));
});
afterAll(async () => {
  await network?.stop();
});

async function ended(reply: Reply) {
  for (;;) {
    const next = await reply.next();
    if (next.done === true) return next.value;
  }
}

it('texts are embedded by a provider, sealed, one vector each, and its evidence is asked for once', async () => {
  const { signal } = new AbortController();
  const host = await createHost({ allowPrivate: true });
  const checker = new AnswerChecker();
  try {
    const trustRoot = readFileSync(network.chain, 'utf8');
    await withLightNode({ trustRoot, follow: false, workers: 1 }, signal, async (node) => {
      const attestor = new Attestor({ node, clock: systemClock });
      let verified = 0;
      try {
        const client = createComputeClient({
          node,
          host,
          checker,
          attestor: {
            verifyBound: (...given) => {
              verified++;
              return attestor.verifyBound(...given);
            },
          },
          payer: computePayer({ scheme: 'ed25519', secret: cryptoRandomBytes(32) }, node.state.chain?.chainId ?? ''),
          random: cryptoRandomBytes,
          fund: async (address, until) => {
            await node.requestFunds(address, { signal: until });
          },
        });
        expect((await client.providers({ signal })).length).toBe(2);
        const { verdict, opened, offer } = await ended(client.ask({ inputs: TEXTS }, { signal }));
        expect(verdict.checks.map((check) => `${check.name} ${check.verdict}`)).toEqual([
          'registration pass',
          'hardware pass',
          'code notChecked',
          'model pass',
          'channel pass',
          'content pass',
          'payment pass',
        ]);
        expect(verdict).toMatchObject({ outcome: 'pass', hardware: { status: 'simulated' } });
        const chunks = opened?.answer?.chunks ?? [];
        expect(chunks).toHaveLength(TEXTS.length);
        expect(new Set(chunks.map(({ length }) => length))).toEqual(new Set([4 * offer.dimensions]));
        // in the clear the same texts have the same vectors
        const clear = await ended(client.ask({ inputs: TEXTS.slice(0, 2), isClear: true }, { signal }));
        expect(clear.opened?.answer?.chunks).toEqual(chunks.slice(0, 2));
        expect(verified).toBe(1);
      } finally {
        await attestor.close();
      }
    });
  } finally {
    await checker.close();
    await host.stop();
  }
});
