import { encodeReceiptFile, type ReceiptReport } from '@perigee/light-core/receipt';
import { computeBalanceKey, computeProviderKey, registrationKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { APP_STATE_KEY, GENESIS_HASH_KEY, STORE } from '@perigee/light-core/state';
import { ed25519Signer } from '@perigee/light-core/tx';
import { createStopController } from '@perigee/net';
import { AnswerChecker, judgeReceipt } from '@perigee/sampler/compute';
import { AppState, ComputeBalance, ComputeProvider, MAX_OPEN_CHECKS, ProviderRegistration, toHex } from '@perigee/wire';
import { expect, it, onTestFailed } from 'vitest';
import { randomOf } from '../../../../tests/kit/random.ts';
import { CHAIN, type Exchange, exchange, openedOf } from '../../../light-core/test/receipt/honest.ts';
import { createAnswerJobs } from '../../src/compute/answers/answer-jobs.ts';

const { signal } = createStopController();
const jobs = createAnswerJobs(nobleEd25519);
/** The jobs of the worker, here. */
const checker: Pick<AnswerChecker, 'judge'> = {
  async judge(file, expectedOf) {
    return jobs.judge({ file, expected: await expectedOf(jobs.read({ file })) });
  },
};

interface Registered {
  readonly evidenceId?: Uint8Array;
  readonly price?: Exchange['expected']['price'];
  /** What the payer has granted orders. */
  readonly sessions?: ComputeBalance['sessions'];
}

/** What a chain has of the provider of an exchange, and of its payer. */
function chainOf({ order, execution, expected }: Exchange, { sessions = [], ...registered }: Registered): VerifiedState {
  const { provider } = expected;
  if (provider === undefined || expected.evidenceId === undefined) throw new Error('the provider is not known');
  const { account, signer } = provider;
  const hash = new Uint8Array(32);
  const registration: ProviderRegistration = {
    signer,
    encryptionKey: hash,
    modelRoot: execution.modelRoot,
    price: expected.price,
    endpoints: ['/ip4/192.0.2.1/tcp/1'],
    simulated: true,
    boundHeight: 1,
    provider: account,
    boundHash: hash,
    evidenceId: expected.evidenceId,
    collateralId: hash,
    subject: 'test',
    registeredHeight: 2,
    expiryTime: 2_000_000_000,
    place: 0,
    ...registered,
  };
  const facts: AppState = {
    version: 1,
    development: true,
    epochBlocks: 10,
    committee: { members: [] },
    accounts: [],
    ethereumChainId: 1,
    maxRetentionBlocks: 1,
    gasPrice: 1n,
    daPrice: 1n,
    collateralFloors: [],
  };
  const { payer } = order.body;
  const values = new Map(
    [
      [STORE.chain, GENESIS_HASH_KEY, CHAIN.genesisHash] as const,
      [STORE.chain, APP_STATE_KEY, AppState.encode(facts)] as const,
      [STORE.compute, registrationKey(signer), ProviderRegistration.encode(registration)] as const,
      [
        STORE.compute,
        computeProviderKey(account),
        ComputeProvider.encode({ stake: 1n, unbonding: [], signers: [signer] }),
      ] as const,
      [
        STORE.compute,
        computeBalanceKey(payer),
        ComputeBalance.encode({ available: 1n, unlocking: [], caps: [], sessions }),
      ] as const,
    ].map(([store, key, value]) => [`${store} ${toHex(key)}`, value]),
  );
  return {
    head: () => ({ chainId: CHAIN.chainId, height: 100 }) as ReturnType<VerifiedState['head']>,
    onHead: () => () => {},
    get: async (store, key) => values.get(`${store} ${toHex(key)}`),
  };
}

async function foundOf(one: Exchange, registered: Registered = {}): Promise<[ReceiptReport['verdict'], string[]]> {
  const file = encodeReceiptFile(openedOf(one));
  const { report } = await judgeReceipt(file, { state: chainOf(one, registered), checker, signal });
  const open = report.checks.filter(({ verdict }) => verdict !== 'pass').map(({ name, verdict }) => `${name} ${verdict}`);
  return [report.verdict, open];
}

it('an honest receipt passes, and stays one when its provider renews its registration at another price', async () => {
  const one = await exchange(randomOf(onTestFailed));
  expect(await foundOf(one)).toEqual(['pass', []]);
  const { price } = one.expected;
  const renewed = { evidenceId: new Uint8Array(32), price: { ...price, perAnswerToken: price.perAnswerToken + 1n } };
  expect(await foundOf(one, renewed)).toEqual(['partial', ['evidence notChecked']]);
});

it('a receipt names an account as its payer only where the chain has its grant to the key that signed', async () => {
  const random = randomOf(onTestFailed);
  const secret = random.bytes(32);
  const one = await exchange(random, { session: secret });
  const granted = { key: ed25519Signer(secret).publicKey, left: 1n, expiryHeight: 200 };
  expect(await foundOf(one, { sessions: [{ ...granted, key: random.bytes(32) }] })).toEqual(['partial', ['payer notChecked']]);
  expect(await foundOf(one, { sessions: [granted] })).toEqual(['pass', []]);
});

it('forgets answers whose asker gives up while they begin', async () => {
  const { request, order, execution, expected } = await exchange(randomOf(onTestFailed));
  const { provider, verifyEd25519: _, ...known } = expected;
  if (provider === undefined) throw new Error('the provider is not known');
  const input = {
    opening: { order, execution, signer: provider.signer },
    request,
    sent: order,
    expected: { ...known, provider },
  };
  const checking = new AnswerChecker();
  const begun = async (): Promise<void> => {
    await checking.judge(new Uint8Array(0), async () => ({ ...known, provider }), signal).catch(() => {}); // the worker is free
  };
  try {
    for (let i = 0; i <= MAX_OPEN_CHECKS; i++) {
      await begun();
      const stop = createStopController();
      const beginning = checking.begin(input, stop.signal);
      stop.abort();
      await expect(beginning).rejects.toMatchObject({ code: 'ABORTED' });
    }
    await begun();
    const { stand, check } = await checking.begin(input, signal);
    expect(stand.failed).toBeUndefined();
    check.leave();
  } finally {
    await checking.close();
  }
});
