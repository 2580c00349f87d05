/** `perigee light --audit` killed while it keeps the receipt of a false answer; and its deposits. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { localState } from '@perigee/chain';
import { AUDIT_NAMESPACE, decodeReceiptFile, encodeForAuditors } from '@perigee/light-core/receipt';
import { auditKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { ed25519Signer } from '@perigee/light-core/tx';
import { ed25519Address, toHex } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ChatModel, createInt8Engine, type Engine } from '../../../packages/compute/src/engines/index.ts';
import { ownWeights } from '../../../packages/compute/src/engines/own-weights.ts';
import { lyingModel } from '../../../tests/kit/adversaries/answers.ts';
import { ASKER, type Asker, startAsker } from '../../../tests/kit/asker.ts';
import { planCrash } from '../../../tests/kit/crash.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { createRandom } from '../../../tests/kit/index.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { startPerigee, type TestProcess } from '../../../tests/kit/process.ts';
import { COMPUTE_RULES, providerAccount, startProviders, type TestProvider } from '../../../tests/kit/providers.ts';
import { parseSecretKey } from '../src/keys.ts';

const NAME = 'audited while killed';
/** After which deposits come back: longer than an order must hold. */
const UNLOCK_BLOCKS = 90;
const PATIENCE = { timeout: 200_000 };
const random = createRandom();
console.log(`PERIGEE_SEED=${random.seed} repeats where a kill falls`);

const folder = temporaryFolder('audits-crash');
const home = join(folder, 'auditor');
const chainFile = join(folder, 'chain.json');
let network: LocalNetwork;
let engine: Engine;
let provider: TestProvider;
let asker: Asker;

beforeAll(async () => {
  network = await startLocalNetwork({
    members: 1,
    validators: 1,
    blockMs: 500,
    faucet: true,
    genesis: { compute: { ...COMPUTE_RULES, unlockBlocks: UNLOCK_BLOCKS } },
    rich: [ASKER, providerAccount(NAME)],
  });
  engine = await createInt8Engine({ files: [await ownWeights()], workers: 1 });
  const [model] = engine.models as ChatModel[];
  if (model === undefined) throw new Error('there is no model');
  const lying = lyingModel(model, model, (prompt) => (prompt === 'Lie.' ? 'swapToken' : undefined));
  [provider] = (await startProviders(network, [{ name: NAME, model: lying }])) as [TestProvider];
  asker = await startAsker(network);
  await asker.prepay([provider.account]);
  await writeFile(chainFile, network.trustRoot());
});
afterAll(async () => {
  await asker?.stop();
  await provider?.stop();
  await engine?.close();
  await network?.stop();
});

/** Asks, and lays the answer out. @returns its order */
async function laidOut(content: string): Promise<Uint8Array> {
  const parameters = { maxTokens: 12, temperatureMillionths: 0, topPMillionths: 1_000_000, seed: 1, stop: [] };
  const { opened } = await asker.ask({ messages: [{ role: 'user', content }], parameters, isClear: true });
  if (opened === undefined) return expect.unreachable();
  await network.publish(encodeForAuditors(opened), 1_000, { namespace: AUDIT_NAMESPACE });
  return opened.receipt.checkpoint.body.orderId;
}

const start = (env: Readonly<Record<string, string>> = {}): TestProcess =>
  startPerigee(['light', '--audit', '1', '--json', '--home', home, '--chain', chainFile], { env });

function saidBy(process: TestProcess, event: string): Record<string, unknown>[] {
  const lines = process.stdout().split('\n');
  return lines.filter((line) => line.includes(`"event":"${event}"`)).map((line) => JSON.parse(line));
}

it('who is killed while it keeps what it found begins again, loses nothing, and has the deposit of its agreement back', {
  timeout: 600_000,
}, async () => {
  const [honest, lie] = [await laidOut('Be true.'), await laidOut('Lie.')];
  await mkdir(join(home, 'audits'), { recursive: true });
  // all that is done in that folder is done with the receipt of the false answer: it is written, flushed and renamed
  for (const [operation, kind] of [
    [1, 'write'],
    [3, 'rename'],
  ] as const) {
    const planned = planCrash({ folder: join(home, 'audits'), operation, random });
    const killed = start(planned.env);
    expect(await planned.happened(killed)).toMatchObject({ operation, kind });
    expect(saidBy(killed, 'audit').map(({ outcome }) => outcome)).not.toContain('fraud');
  }
  const process = start();
  try {
    await expect
      .poll(() => saidBy(process, 'audit').find(({ outcome }) => outcome === 'fraud'), PATIENCE)
      .toMatchObject({ order: toHex(lie), kept: 'kept', reported: 'reported' });
    const kept = decodeReceiptFile(new Uint8Array(await readFile(join(home, 'audits', `${toHex(lie)}.pgrc`))));
    expect(kept.receipt.checkpoint.body.orderId).toEqual(lie);
    await expect
      .poll(() => saidBy(process, 'deposit'), PATIENCE)
      .toMatchObject([{ order: toHex(honest), deposit: String(COMPUTE_RULES.reportDeposit) }]);
    const { secret } = parseSecretKey(await readFile(join(home, 'account.key'), 'utf8'));
    const account = ed25519Address(ed25519Signer(secret).publicKey);
    const state = localState(network.chain);
    const said = async (orderId: Uint8Array) => (await state.get(STORE.compute, auditKey(orderId, account))) !== undefined;
    // what it said against the provider stands
    expect([await said(honest), await said(lie)]).toEqual([false, true]);
  } finally {
    expect(await process.stop()).toEqual({ code: 0, signal: null });
  }
});
