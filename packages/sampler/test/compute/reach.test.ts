import { evidenceIdOf } from '@perigee/light-core/registration';
import { createStopController } from '@perigee/net';
import { type ModelOffer, PerigeeError, type ProviderEvidenceAnswer, type ProviderRegistration, utf8 } from '@perigee/wire';
import { expect, it } from 'vitest';
import { askEvidence, askOffer } from '../../src/compute/reach.ts';

const { signal } = createStopController();
const [hash, other] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const [evidence, collateral] = ['evidence', 'collateral'].map(utf8) as [Uint8Array, Uint8Array];
const price = { perRequest: 1n, perPromptToken: 2n, perAnswerToken: 3n };
const registration: ProviderRegistration = {
  signer: { scheme: 2, key: new Uint8Array(20).fill(1) },
  encryptionKey: hash,
  modelRoot: hash,
  price,
  endpoints: ['/ip4/192.0.2.1/tcp/1'],
  simulated: true,
  boundHeight: 1,
  provider: new Uint8Array(20).fill(3),
  boundHash: hash,
  evidenceId: evidenceIdOf(evidence),
  collateralId: evidenceIdOf(collateral),
  subject: 'test',
  registeredHeight: 2,
  expiryTime: 2_000_000_000,
  place: 0,
};
const offer: ModelOffer = {
  id: 'model',
  kind: 1,
  modelRoot: hash,
  engine: 'test/1',
  contextTokens: 1,
  maxAnswerTokens: 1,
  dimensions: 0,
  price,
  provider: registration.provider,
  signer: registration.signer,
  reproducible: false,
};

it('a provider offers what it has registered: this model, this account, this key, this price', async () => {
  const found = async (change: Partial<ModelOffer>) => {
    const offers = async () => [
      { ...offer, modelRoot: other },
      { ...offer, ...change },
    ];
    return askOffer({ offers }, registration, signal).then(
      ({ id }) => id,
      (error) => PerigeeError.from(error).data?.differs ?? PerigeeError.from(error).code,
    );
  };
  expect(await found({})).toBe('model');
  expect(await found({ modelRoot: other })).toBe('NOT_FOUND');
  expect(await found({ provider: new Uint8Array(20) })).toBe('account');
  expect(await found({ signer: { ...offer.signer, scheme: 1 } })).toBe('key');
  expect(await found({ signer: { ...offer.signer, key: new Uint8Array(20) } })).toBe('key');
  for (const name of ['perRequest', 'perPromptToken', 'perAnswerToken'] as const) {
    expect(await found({ price: { ...price, [name]: 9n } })).toBe('price');
  }
});

it('a provider shows exactly the evidence and the collateral that it has registered', async () => {
  const found = (answer: ProviderEvidenceAnswer) =>
    askEvidence({ evidence: async () => answer }, registration, signal).then(
      () => 'shown',
      (error) => PerigeeError.from(error).data?.check,
    );
  expect(await found({ evidence, collateral })).toBe('shown');
  for (const answer of [{}, { evidence }, { collateral }]) expect(await found(answer)).toBe('MISSING');
  expect(await found({ evidence: other, collateral })).toBe('CHANGED');
  expect(await found({ evidence, collateral: other })).toBe('CHANGED');
  expect(await found({ evidence: collateral, collateral: evidence })).toBe('CHANGED');
});
