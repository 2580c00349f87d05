import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localState } from '@perigee/chain';
import { formatWeights, parseWeights } from '@perigee/light-core/model';
import { AUDIT_NAMESPACE, decodeReceiptFile, encodeReceiptFile } from '@perigee/light-core/receipt';
import { auditKey, reportSumsKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { ed25519Signer } from '@perigee/light-core/tx';
import { AUDIT_VERDICT, AuditRecord, ed25519Address, fromHex, MAX_RECEIPT_BYTES, ReportSums, toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ChatModel, createInt8Engine, type Engine } from '../../../packages/compute/src/engines/index.ts';
import { ownWeights } from '../../../packages/compute/src/engines/own-weights.ts';
import { lyingModel } from '../../../tests/kit/adversaries/answers.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { createRandom } from '../../../tests/kit/index.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { runPerigee, startPerigee, type TestProcess } from '../../../tests/kit/process.ts';
import { COMPUTE_RULES, providerAccount, startProviders, type TestProvider } from '../../../tests/kit/providers.ts';
import { parseSecretKey } from '../src/keys.ts';

const NAME = 'audited from afar';
const ASKED = 4;
/** Until all that was laid out is looked at, on a machine that does many other things as well. */
const PATIENCE = { timeout: 150_000 };
const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats which answer is false`);
const lie = random.below(ASKED);

const folder = temporaryFolder('audits');
const payer = join(folder, 'payer');
const auditor = join(folder, 'auditor');
const chainFile = join(folder, 'chain.json');

let network: LocalNetwork;
let engine: Engine;
let provider: TestProvider;

/** An object that `perigee light --audit` writes of a blob. */
interface Found {
  readonly blobId: string;
  readonly outcome: string;
  readonly check?: string;
  readonly order?: string;
  readonly reported?: string;
}

beforeAll(async () => {
  network = await startLocalNetwork({
    members: 1,
    validators: 1,
    blockMs: 500,
    faucet: true,
    genesis: { compute: COMPUTE_RULES },
    rich: [providerAccount(NAME)],
  });
  const weights = await ownWeights();
  engine = await createInt8Engine({ files: [weights, otherWeights(weights)], workers: 1 });
  const [model, other] = engine.models as ChatModel[];
  if (model === undefined || other === undefined) throw new Error('there is no model');
  const lying = lyingModel(model, other, (prompt) => (prompt === question(lie) ? 'swapToken' : undefined));
  [provider] = (await startProviders(network, [{ name: NAME, model: lying }])) as [TestProvider];
  await writeFile(chainFile, network.trustRoot());
});
afterAll(async () => {
  await provider?.stop();
  await engine?.close();
  await network?.stop();
});

function question(number: number): string {
  return `What is a light node? (${number})`;
}

/** The same shape, with a weight in a hundred turned round. */
function otherWeights(file: Uint8Array): Uint8Array {
  const parsed = parseWeights(file);
  for (const { down } of parsed.layers) {
    for (let i = 0; i < down.weights.length; i += 100) down.weights[i] = -(down.weights[i] ?? 0);
  }
  return formatWeights(parsed);
}

const perigee = (home: string, ...words: string[]) => runPerigee([...words, '--home', home, '--chain', chainFile]);
const startAuditor = (...words: string[]) =>
  startPerigee(['light', '--audit', '1', '--json', '--home', auditor, '--chain', chainFile, ...words]);

function foundBy(process: TestProcess): Found[] {
  const lines = process.stdout().split('\n');
  return lines.filter((line) => line.includes('"event":"audit"')).map((line) => JSON.parse(line) as Found);
}

/** Resolves when it has a head, with what it says of itself. */
const readyOf = async (process: TestProcess) => {
  const [line] = await process.line(/^.*"event":"ready".*$/);
  return JSON.parse(line) as { readonly metrics?: string };
};

/** Lays anything out for auditors. @returns id in hexadecimal */
const layOut = async (data: Uint8Array, redundancy: 2 | 4 = 4): Promise<string> =>
  (await network.publish(data, 1_000, { namespace: AUDIT_NAMESPACE, redundancy })).key;

it('a light node finds the one false answer among those that payers laid out, and the chain has its report', async () => {
  const laidOut: string[] = [];
  for (let i = 0; i < ASKED; i++) {
    const save = join(folder, `${i}.pgrc`);
    const asked = await perigee(payer, 'infer', question(i), '--max-tokens', '24', '--json', '--auditable', '--save', save);
    expect(asked.code, asked.output).toBe(0);
    const answer = JSON.parse(asked.stdout.trim().split('\n').at(-1) ?? '') as { outcome: string; laidOut: { blobId: string } };
    expect(answer.outcome).toBe('pass'); // its client sees nothing
    laidOut.push(answer.laidOut.blobId);
  }
  const own = await perigee(payer, 'infer', question(ASKED), '--max-tokens', '8', '--save', join(folder, `${ASKED}.pgrc`));
  expect(own.code, own.output).toBe(0);
  const receiptOf = async (number: number) => decodeReceiptFile(new Uint8Array(await readFile(join(folder, `${number}.pgrc`))));
  // its payer has not laid it out: somebody does, with what is false about it
  const kept = await receiptOf(ASKED);
  const { receipt, request, answer } = kept;
  if (request === undefined || answer === undefined) return expect.unreachable();
  expect(kept.grounds?.length).toBeGreaterThan(1_000);
  const [first = new Uint8Array(1), ...rest] = answer.chunks;
  const elsewhere = { ...receipt.order.body, genesisHash: new Uint8Array(32).fill(7) };
  const hostile = {
    garbage: await layOut(random.bytes(1_000)),
    damaged: await layOut(encodeReceiptFile(kept).map((byte, i) => (i === 60 ? byte ^ 1 : byte))),
    closed: await layOut(encodeReceiptFile({ receipt })),
    framed: await layOut(encodeReceiptFile({ ...kept, answer: { chunks: [first.map((byte) => byte ^ 1), ...rest] } })),
    foreign: await layOut(encodeReceiptFile({ ...kept, receipt: { ...receipt, order: { ...receipt.order, body: elsewhere } } })),
    again: await layOut(encodeReceiptFile(await receiptOf((lie + 1) % ASKED)), 2),
    huge: await layOut(random.bytes(MAX_RECEIPT_BYTES + 1), 2),
  };

  // as it was laid out when the evidence was still laid out with it
  const withEvidence = await layOut(encodeReceiptFile(kept));
  const process = startAuditor();
  await readyOf(process);
  try {
    await expect.poll(() => foundBy(process).length, PATIENCE).toBe(ASKED + 1 + Object.keys(hostile).length);
    const found = foundBy(process);
    const outcomeOf = (blobId: string): string => {
      const { outcome, check, reported } = found.find((one) => one.blobId === blobId) ?? expect.unreachable();
      return [outcome, check, reported].filter((word) => word !== undefined).join(' ');
    };
    expect(laidOut.map(outcomeOf)).toEqual(
      Array.from({ length: ASKED }, (_, i) => `${i === lie ? 'fraud' : 'agreement'} reported`),
    );
    expect(outcomeOf(withEvidence)).toBe('agreement reported');
    expect(Object.fromEntries(Object.entries(hostile).map(([name, blobId]) => [name, outcomeOf(blobId)]))).toEqual({
      garbage: 'refused PARSE',
      damaged: 'refused PARSE',
      closed: 'notAuditable',
      framed: 'invalid content',
      foreign: 'invalid chain',
      again: 'known',
      huge: 'refused PARSE',
    });
    const account = ed25519Address(
      ed25519Signer(parseSecretKey(await readFile(join(auditor, 'account.key'), 'utf8')).secret).publicKey,
    );
    const { orderId } = (await receiptOf(lie)).receipt.checkpoint.body;
    const state = localState(network.chain);
    const raw = await state.get(STORE.compute, auditKey(orderId, account));
    expect(raw && AuditRecord.decodeCanonical(raw)).toMatchObject({
      verdict: AUDIT_VERDICT.fraud,
      provider: provider.account,
      blobId: fromHex(laidOut[lie] ?? ''),
    });
    const sums = await state.get(STORE.compute, reportSumsKey(provider.signer.key));
    expect(sums && ReportSums.decodeCanonical(sums)).toEqual({
      agreement: { reports: ASKED, accounts: 1 },
      fraud: { reports: 1, accounts: 1 },
      overcount: { reports: 0, accounts: 0 },
    });
    // what opens it stays with who found it, however long its blob lasts
    await eventually(async () => {
      const kept = await readFile(join(auditor, 'audits', `${toHex(orderId)}.pgrc`));
      const found = decodeReceiptFile(new Uint8Array(kept));
      expect(found.receipt.checkpoint.body.orderId).toEqual(orderId);
      // its payer has the evidence: what is laid out goes without
      expect([found.grounds, (await receiptOf(lie)).grounds?.length]).toEqual([undefined, expect.any(Number)]);
    });
  } finally {
    expect(await process.stop()).toEqual({ code: 0, signal: null });
  }

  // what was looked at is not looked at again, also by another blob; and what came meanwhile is
  const [late, twice] = [await layOut(utf8('nothing')), await layOut(encodeReceiptFile(await receiptOf(lie)), 2)];
  const restarted = startAuditor('--metrics-port', '0');
  const { metrics } = await readyOf(restarted);
  try {
    await expect.poll(() => foundBy(restarted).length, PATIENCE).toBe(2);
    expect(new Map(foundBy(restarted).map(({ blobId, outcome }) => [blobId, outcome]))).toEqual(
      new Map([
        [late, 'refused'],
        [twice, 'known'],
      ]),
    );
    const text = await (await fetch(`${metrics}metrics`)).text();
    expect(text).toContain('perigee_audit_outcomes_total{outcome="known"} 1');
    expect(text).toContain('perigee_audit_blobs_drawn_total 2');
  } finally {
    expect(await restarted.stop()).toEqual({ code: 0, signal: null });
  }
});

it('who asks next reads what was reported, sees for itself whether it is true, and may ask somebody else', async () => {
  const key = toHex(provider.signer.key.key);
  const [looked, warned, refused] = await Promise.all([
    perigee(join(folder, 'reader'), 'audit', '--against', key, '--json'),
    perigee(payer, 'infer', 'Who else?', '--max-tokens', '8'),
    perigee(join(folder, 'careful'), 'infer', 'Who else?', '--max-tokens', '8', '--refuse-reported'),
  ]);
  expect(looked).toMatchObject({ code: 1, output: expect.stringContaining('"code":"RECEIPT"') });
  const [finding = ''] = looked.stdout.trim().split('\n');
  expect(JSON.parse(finding)).toMatchObject({ outcome: 'fraud', file: expect.stringMatching(/^reported by [0-9a-f]{40}$/) });
  expect(JSON.parse(finding)).not.toHaveProperty('reported');
  expect(warned.code, warned.output).toBe(0);
  expect(warned.output).toContain(`${ASKED} agreements (1 account), 1 false answer (1 account), 0 false counts`);
  expect(warned.output).toContain(`perigee audit --against ${key}`);
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('[REFUSED]') });
});

it('at a rate of 0 it draws nothing, and fetches nothing', async () => {
  const idle = startPerigee([
    ...['light', '--audit', '0', '--json', '--metrics-port', '0'],
    ...['--home', join(folder, 'idle'), '--chain', chainFile],
  ]);
  const { metrics } = await readyOf(idle);
  try {
    await eventually(async () => {
      const text = await (await fetch(`${metrics}metrics`)).text();
      expect(text).toMatch(/perigee_audit_blobs_seen_total [1-9]/);
      expect(text).toContain('perigee_audit_blobs_drawn_total 0');
      expect(text).toContain('perigee_audit_day_bytes 0');
    });
  } finally {
    expect(await idle.stop()).toEqual({ code: 0, signal: null });
  }
});
