import { PerigeeError, SIGNER_SCHEME, toHex } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SEEN_AT_ONCE, type WireLie } from '../../../../tests/kit/adversaries/answers.ts';
import { ASKER, type Asker, startAsker } from '../../../../tests/kit/asker.ts';
import { createRandom } from '../../../../tests/kit/index.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../../tests/kit/local-network.ts';
import { COMPUTE_RULES, providerAccount, startProviders, type TestProvider } from '../../../../tests/kit/providers.ts';
import { createInt8Engine, type Engine } from '../../../compute/src/engines/index.ts';
import { ownWeights } from '../../../compute/src/engines/own-weights.ts';

const IS_LONG = process.env.PERIGEE_LONG !== undefined;
const HONEST = IS_LONG ? 1_000 : 60;
/** Of all honest answers, milliseconds. */
const HONEST_MS = IS_LONG ? 1_800_000 : 240_000;
/** As many a block: what they read of the state is within what a peer answers in a second. */
const AT_ONCE = 5;
const LIES = Object.keys(SEEN_AT_ONCE) as WireLie[];
const HONEST_PROVIDERS = 4;
const names = Array.from({ length: LIES.length + HONEST_PROVIDERS }, (_, i) => `provider ${i}`);
const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats who lies`);

let network: LocalNetwork;
let engine: Engine;
let providers: TestProvider[];
let asker: Asker;

beforeAll(async () => {
  const rich = [ASKER, ...names.map(providerAccount)];
  network = await startLocalNetwork({ members: 1, validators: 1, blockMs: 1_000, genesis: { compute: COMPUTE_RULES }, rich });
  engine = await createInt8Engine({ files: [await ownWeights()], workers: 1 });
  const [model] = engine.models;
  if (model === undefined) throw new Error('there is no model');
  const shuffled = random.shuffled([...LIES, ...Array<undefined>(HONEST_PROVIDERS).fill(undefined)]);
  providers = await startProviders(
    network,
    names.map((name, i) => ({ name, model, lie: shuffled[i] })),
  );
  asker = await startAsker(network);
  await asker.prepay(providers.map(({ account }) => account));
});
afterAll(async () => {
  await asker?.stop();
  for (const provider of providers ?? []) await provider.stop();
  await engine?.close();
  await network?.stop();
});

const question = ({ account }: TestProvider, maxTokens: number, content = 'What is a light node?') => ({
  messages: [{ role: 'user', content }],
  parameters: { maxTokens, temperatureMillionths: 700_000, topPMillionths: 1_000_000, seed: random.u32(), stop: [] },
  provider: toHex(account),
});

/** Asked in the clear, which is what a liar can change. The checks that an answer failed, or the one which kept the provider from being asked; `pass` alone of a good one. */
async function foundOf(provider: TestProvider): Promise<string[]> {
  try {
    const { verdict, refusal, receipt } = await asker.ask({ ...question(provider, 40), isClear: true });
    if (refusal === undefined) return [verdict.outcome];
    return receipt.filter((check) => check.verdict === 'fail').map(({ name }) => name);
  } catch (error) {
    return [String(PerigeeError.from(error).data?.check)];
  }
}

it('finds each liar by the check of its name, and no other', async () => {
  await Promise.all(
    random.shuffled(providers).map(async (provider) => {
      // who reuses what it signed has to have signed something
      if (provider.lie === 'otherChat') expect(await foundOf(provider), 'otherChat, first').toEqual(['pass']);
      const found = await foundOf(provider);
      expect(found, provider.lie ?? 'honest').toContain(provider.lie === undefined ? 'pass' : SEEN_AT_ONCE[provider.lie]);
    }),
  );
});

it(`raises no alarm over ${HONEST} honest answers`, { timeout: HONEST_MS }, async () => {
  const honest = providers.filter(({ lie }) => lie === undefined);
  for (let done = 0; done < HONEST; done += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, i) => {
        const provider = random.pick(honest);
        const content = random.pick(['What is a light node?', 'Who signs a receipt?', 'Hello.', 'Was ist das? é 軌道']);
        const { verdict, refusal } = await asker.ask({
          ...question(provider, random.between(1, 48), content),
          // only to who signs as Ethereum does can a question be sealed
          isClear: provider.signer.key.scheme !== SIGNER_SCHEME.secp256k1 || random.chance(0.5),
        });
        expect(refusal?.message ?? verdict.outcome, `answer ${done + i} of ${provider.name}`).toBe('pass');
      }),
    );
    await network.untilHeight(network.chain.latest().height + 1);
  }
});
