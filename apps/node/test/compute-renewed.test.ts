/** A receipt whose provider has renewed its registration since: the evidence of then is in the file. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeReceiptFile, encodeReceiptFile } from '@perigee/light-core/receipt';
import { createStopController } from '@perigee/net';
import { createLightNode, type LightNode } from '@perigee/sampler';
import type { Attestor } from '@perigee/sampler/attest';
import { type OpenedReceipt, ReceiptGrounds } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { type Network, startNetwork } from '../../../tests/kit/network.ts';
import { runPerigee, startPerigee, type TestProcess } from '../../../tests/kit/process.ts';
import { attestorHere } from '../../extension/src/node/attestor-here.ts';
import { createVerifyReceipt } from '../../extension/src/node/receipt.ts';
import { flipped } from './compute-relay.ts';

const { signal } = createStopController();
const folder = temporaryFolder('compute-renewed');
let network: Network;
let provider: TestProcess;
let account: string;

const perigee = (...words: string[]) => runPerigee([...words, '--home', join(folder, 'light'), '--chain', network.chain]);

async function started(...words: string[]): Promise<TestProcess> {
  const home = join(folder, 'provider');
  const chain = ['--home', home, '--chain', network.chain];
  const program = startPerigee(['node', '--role', 'compute', ...chain, '--model', 'perigee-1', ...words]);
  account = ((await program.ready()) as { compute?: { account: string } }).compute?.account ?? '';
  await eventually(() => expect(program.output()).toContain('the provider is registered'));
  return program;
}

let node: LightNode;
let attestor: Attestor;
/** As the extension's offscreen document does it. */
const inExtension = (file: Uint8Array) => createVerifyReceipt(() => node, attestor)(file, signal);

beforeAll(async () => {
  network = await startNetwork({ nodes: 1, blockMs: 500, providers: 0 });
  node = createLightNode({ trustRoot: await readFile(network.chain, 'utf8'), follow: false, workers: 1 });
  attestor = attestorHere(() => node);
  await node.start();
  provider = await started();
});

afterAll(async () => {
  await attestor?.close();
  await node?.stop();
  await provider?.stop();
  await network?.stop();
});

it('a receipt holds after its provider has registered with other evidence, and none with evidence that was changed', async () => {
  const file = join(folder, 'answer.pgrc');
  const whom = ['--provider', account];
  const asked = await perigee('infer', 'What is a light node?', '--max-tokens', '16', ...whom, '--save', file);
  expect(asked.code, asked.output).toBe(0);
  const opened = decodeReceiptFile(await readFile(file));
  await provider.stop();
  // with another address its registration is renewed, and that takes new evidence
  provider = await started('--compute-url', 'https://provider.example');

  const verify = async (one: OpenedReceipt) => {
    const path = join(folder, 'one.pgrc');
    await writeFile(path, encodeReceiptFile(one));
    return perigee('receipt', 'verify', path, '--json');
  };
  const whole = await verify(opened);
  expect(whole.code, whole.output).toBe(0);
  expect(JSON.parse(whole.stdout.trim())).toMatchObject({ verdict: 'pass' });

  const { grounds = new Uint8Array(), ...bare } = opened;
  const partial = await verify(bare);
  expect(partial).toMatchObject({ code: 1 });
  expect(partial.stdout).toContain('"verdict":"partial"');

  // what a site asks the extension for is judged in the same way
  const judged = await inExtension(encodeReceiptFile(opened));
  expect(judged).toMatchObject({ verdict: 'pass', hasEvidence: true, simulated: true });
  expect(await inExtension(encodeReceiptFile(bare))).toMatchObject({ verdict: 'partial', hasEvidence: false });

  // without a network the evidence is checked as simulated where the genesis says that it may be
  const offline = async (...words: string[]) => {
    const { stdout } = await perigee('verify', file, '--json', ...words);
    const { checks } = JSON.parse(stdout.trim()) as { checks: { name: string; verdict: string }[] };
    return checks.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => name);
  };
  expect(await offline()).toEqual(['provider', 'evidence']);
  expect(await offline('--genesis', join(network.home, 'genesis.bin'))).toEqual(['provider']);

  const held = ReceiptGrounds.decodeCanonical(grounds);
  const bad: readonly ReceiptGrounds[] = [
    { ...held, evidence: flipped(held.evidence) },
    { ...held, collateral: flipped(held.collateral, held.collateral.length - 1) },
    { ...held, boundHeight: held.boundHeight + 1 },
    { ...held, encryptionKey: flipped(held.encryptionKey) },
    { ...held, simulated: false },
  ];
  for (const one of bad) {
    const { code, output } = await verify({ ...bare, grounds: ReceiptGrounds.encode(one) });
    expect(code, output).toBe(1);
    expect(output).toContain('evidence');
    expect(output).toContain('"code":"RECEIPT"');
    const file = encodeReceiptFile({ ...bare, grounds: ReceiptGrounds.encode(one) });
    await expect(inExtension(file)).rejects.toMatchObject({ code: 'RECEIPT', data: { check: 'evidence' } });
  }
});
