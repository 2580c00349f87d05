/** A provider that renews its registration while it is asked: once its evidence was verified, and before the order comes. */
import { createStopController } from '@perigee/net';
import { equal, toHex } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ASKER, type Asker, startAsker } from '../../../../tests/kit/asker.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../../tests/kit/local-network.ts';
import { COMPUTE_RULES, providerAccount, startProviders, type TestProvider } from '../../../../tests/kit/providers.ts';
import { createInt8Engine, type Engine } from '../../../compute/src/engines/index.ts';
import { ownWeights } from '../../../compute/src/engines/own-weights.ts';

const { signal } = createStopController();
const NAMES = ['renewing', 'lying'];
let network: LocalNetwork;
let engine: Engine;
let providers: TestProvider[];
let asker: Asker;

beforeAll(async () => {
  const rich = [ASKER, ...NAMES.map(providerAccount)];
  network = await startLocalNetwork({ members: 1, validators: 1, blockMs: 500, genesis: { compute: COMPUTE_RULES }, rich });
  engine = await createInt8Engine({ files: [await ownWeights()], workers: 1 });
  const [model] = engine.models;
  if (model === undefined) throw new Error('there is no model');
  providers = await startProviders(network, [
    { name: 'renewing', model },
    { name: 'lying', model, lie: 'oldEvidence' },
  ]);
  asker = await startAsker(network);
  await asker.prepay(providers.map(({ account }) => account));
});
afterAll(async () => {
  await asker?.stop();
  for (const provider of providers ?? []) await provider.stop();
  await engine?.close();
  await network?.stop();
});

const question = ({ account }: TestProvider) => ({
  messages: [{ role: 'user', content: 'What is a light node?' }],
  parameters: { maxTokens: 12, temperatureMillionths: 0, topPMillionths: 1_000_000, seed: 1, stop: [] },
  provider: toHex(account),
  isClear: true,
});

it('an honest one is asked again, with what it is registered with now, and its answer passes', async () => {
  const [provider] = providers;
  if (provider === undefined) return expect.unreachable();
  const reply = asker.client.ask(question(provider), { signal });
  const first = await reply.next();
  if (first.done === true || !('provider' in first.value)) return expect.unreachable();
  const before = first.value.provider;
  await provider.renew();
  let asked = 1;
  for (;;) {
    const next = await reply.next();
    if (next.done === true) {
      const { verdict, refusal, registration } = next.value;
      expect([refusal?.message, verdict.outcome]).toEqual([undefined, 'pass']);
      expect(equal(registration.evidenceId, before.evidenceId)).toBe(false);
      break;
    }
    if ('provider' in next.value) asked++;
  }
  expect(asked).toBe(2);
});

it('one that names other evidence, and has registered none, is refused as before', async () => {
  const [, liar] = providers;
  if (liar === undefined) return expect.unreachable();
  const found = await asker.ask(question(liar));
  expect([found.verdict.outcome, found.refusal?.data?.check]).toEqual(['fail', 'evidence']);
  expect(found.receipt.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)).toEqual(['evidence']);
});
