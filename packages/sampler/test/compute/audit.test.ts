import { auditRateFor, auditsFor, detectionOf } from '@perigee/light-core/audit';
import { formatWeights, parseWeights } from '@perigee/light-core/model';
import { auditKey } from '@perigee/light-core/registration';
import { bestEd25519 } from '@perigee/light-core/signature';
import { STORE } from '@perigee/light-core/state';
import { createStopController } from '@perigee/net';
import { AuditRecord, equal, type OpenedReceipt, toHex } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lyingModel, type ModelLie, SEEN_BY_AUDIT } from '../../../../tests/kit/adversaries/answers.ts';
import { ASKER, type Asker, startAsker } from '../../../../tests/kit/asker.ts';
import { createRandom } from '../../../../tests/kit/index.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../../tests/kit/local-network.ts';
import { COMPUTE_RULES, providerAccount, startProviders, type TestProvider } from '../../../../tests/kit/providers.ts';
import { type ChatModel, createInt8Engine, type Engine } from '../../../compute/src/engines/index.ts';
import { ownWeights } from '../../../compute/src/engines/own-weights.ts';
import { Auditor, isDrawn } from '../../src/audit/index.ts';

const RECEIPTS = process.env.PERIGEE_LONG === '1' ? 100 : 40;
const FALSE = 5;
const AT_ONCE = 10;
const NAMES = ['audited 0', 'audited 1'];
const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats which answers are false`);
const { signal } = createStopController();

let network: LocalNetwork;
let engine: Engine;
let weights: Uint8Array;
let providers: TestProvider[];
let asker: Asker;
/** Which answers are false, by their prompts. */
const lies = new Map<string, ModelLie>();

beforeAll(async () => {
  const rich = [ASKER, ...NAMES.map(providerAccount)];
  network = await startLocalNetwork({ members: 1, validators: 1, blockMs: 1_000, genesis: { compute: COMPUTE_RULES }, rich });
  weights = await ownWeights();
  engine = await createInt8Engine({ files: [weights, otherWeights(weights)], workers: 1 });
  const [model, other] = engine.models as ChatModel[];
  if (model === undefined || other === undefined) throw new Error('there is no model');
  expect(equal(model.modelRoot, other.modelRoot)).toBe(false);
  const lying = lyingModel(model, other, (prompt) => lies.get(prompt));
  providers = await startProviders(
    network,
    NAMES.map((name) => ({ name, model: lying })),
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

/** The same shape, with a weight in a hundred turned round. */
function otherWeights(file: Uint8Array): Uint8Array {
  const parsed = parseWeights(file);
  for (const { down } of parsed.layers) {
    for (let i = 0; i < down.weights.length; i += 100) down.weights[i] = -(down.weights[i] ?? 0);
  }
  return formatWeights(parsed);
}

/** @param told what the provider does, without a trace in what it signs */
async function receiptOf(number: number, told?: ModelLie, { account } = random.pick(providers)): Promise<OpenedReceipt> {
  const content = `${random.pick(['What is a light node?', 'What does a provider sign?', 'Where is the perigee?'])} (${number})`;
  if (told !== undefined) lies.set(content, told);
  const { verdict, opened, refusal } = await asker.ask({
    messages: [{ role: 'user', content }],
    parameters: {
      maxTokens: 48,
      temperatureMillionths: 1_200_000,
      topPMillionths: 1_000_000,
      stop: [],
      ...(random.chance(0.5) ? { seed: random.u32() } : {}),
    },
    provider: toHex(account),
  });
  // its client sees nothing: every check passes
  expect(refusal?.message ?? verdict.outcome).toBe('pass');
  return opened ?? expect.unreachable();
}

function auditor(weightsOf: () => Uint8Array | undefined = () => weights): Auditor {
  const verifyEd25519 = bestEd25519(crypto.subtle);
  return new Auditor({ state: asker.node.chain, weights: async () => weightsOf(), verifyEd25519 });
}

it('a provider shows its evidence once to a client that begins with many questions', async () => {
  // it answers 8 requests for evidence at once, and 2 a second
  const receipts = await Promise.all(Array.from({ length: 12 }, (_, i) => receiptOf(RECEIPTS + i, undefined, providers[0])));
  expect(new Set(receipts.map(({ receipt }) => toHex(receipt.checkpoint.body.orderId))).size).toBe(12);
});

it(`finds the ${FALSE} false among ${RECEIPTS} receipts without being told which, and reports them on the chain`, async () => {
  const told = random.shuffled(Object.keys(SEEN_BY_AUDIT) as ModelLie[]).slice(0, FALSE);
  const plan = random.shuffled([...told, ...Array<undefined>(RECEIPTS - FALSE).fill(undefined)]);
  const receipts: OpenedReceipt[] = [];
  for (let at = 0; at < RECEIPTS; at += AT_ONCE) {
    receipts.push(...(await Promise.all(plan.slice(at, at + AT_ONCE).map((lie, i) => receiptOf(at + i, lie)))));
  }
  const looking = auditor();
  try {
    const outcomes: string[] = [];
    for (const receipt of receipts) {
      const { outcome, report, opened, reason } = await looking.audit(receipt, { signal });
      outcomes.push(outcome);
      if (report === undefined) expect.unreachable(`no report of ${outcome}: ${reason}`);
      else if (outcome !== 'agreement' || outcomes.length === 1) {
        await asker.send({ computeReport: report }, signal);
        const { orderId } = opened.receipt.checkpoint.body;
        const raw = await asker.node.chain.get(STORE.compute, auditKey(orderId, ASKER), { signal });
        expect(raw && AuditRecord.decodeCanonical(raw)).toMatchObject({ verdict: report.verdict, ownHash: report.ownHash });
      }
    }
    expect(outcomes).toEqual(plan.map((lie) => (lie === undefined ? 'agreement' : SEEN_BY_AUDIT[lie])));
  } finally {
    await looking.close();
  }
});

it('does nothing to a provider for what it did not sign', async () => {
  const receipt = await receiptOf(RECEIPTS);
  const { answer, request } = receipt;
  if (answer === undefined || request === undefined) return expect.unreachable();
  const looking = auditor();
  const without = auditor(() => undefined);
  const wrong = auditor(() => otherWeights(weights));
  try {
    const outcomeOf = async (opened: OpenedReceipt, by = looking) => {
      const { outcome, check } = await by.audit(opened, { signal });
      return check === undefined ? outcome : `${outcome} ${check}`;
    };
    const [first = new Uint8Array(1), ...rest] = answer.chunks;
    const framed = { ...receipt, answer: { chunks: [first.map((byte) => byte ^ 1), ...rest] } };
    expect(await outcomeOf(framed)).toBe('invalid content');
    expect(await outcomeOf({ ...receipt, request: { ...request, messages: [{ role: 'user', content: 'Another.' }] } })).toBe(
      'invalid request',
    );
    const stranger = { ...receipt.receipt, signer: { scheme: 1, key: new Uint8Array(32).fill(9) } };
    expect(await outcomeOf({ ...receipt, receipt: stranger })).toBe('invalid provider');
    expect(await outcomeOf({ receipt: receipt.receipt })).toBe('notAuditable');
    const elsewhere = { ...receipt.receipt, execution: { ...receipt.receipt.execution, engine: 'llama/1' } };
    expect(await outcomeOf({ ...receipt, receipt: elsewhere })).toBe('notAuditable');
    expect(await outcomeOf(receipt, without)).toBe('undecided NOT_FOUND');
    expect(await outcomeOf(receipt, wrong)).toBe('undecided NOT_FOUND');
    expect(await outcomeOf(receipt)).toBe('agreement');
    await expect(looking.audit(receipt, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  } finally {
    for (const one of [looking, without, wrong]) await one.close();
  }
});

it('draws at the rate that it was given, and finds a liar of 1 % with 99 % at the rate that is computed', () => {
  const receipts = 1_000;
  const rate = auditRateFor({ detection: 0.99, lies: 0.01, receipts }) ?? expect.unreachable();
  console.log(
    `of ${receipts} receipts ${(100 * rate).toFixed(1)} % must be executed again to find a liar of 1 % with 99 %; ${auditsFor({ detection: 0.99, lies: 0.01 })} in all`,
  );
  expect(detectionOf({ rate, lies: 0.01, receipts })).toBeCloseTo(0.99, 10);
  expect(auditRateFor({ detection: 0.99, lies: 0.01, receipts: 400 })).toBeUndefined();
  const bytes = (length: number) => random.bytes(length);
  const runs = 2_000;
  let found = 0;
  for (let run = 0; run < runs; run++) {
    let isFound = false;
    for (let i = 0; i < receipts && !isFound; i++) isFound = random.chance(0.01) && isDrawn(rate, bytes);
    if (isFound) found++;
  }
  // 99 % less six times what chance alone makes of it
  expect(found / runs).toBeGreaterThan(0.99 - 6 * Math.sqrt((0.99 * 0.01) / runs));
  expect(() => isDrawn(1.1, bytes)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  expect(isDrawn(1, () => new Uint8Array(4).fill(255))).toBe(true);
  expect(isDrawn(0, () => new Uint8Array(4))).toBe(false);
});
