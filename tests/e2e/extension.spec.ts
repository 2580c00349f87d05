import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { developmentSimulation, Simulation } from '@perigee/compute/evidence/simulated';
import { decodeReceiptFile, encodeReceiptFile, RECEIPT_CHECKS } from '@perigee/light-core/receipt';
import { toBase64, utf8 } from '@perigee/wire';
import { expect, type Page, test } from '@playwright/test';
import type axe from 'axe-core';
import { buildExamples } from '../../scripts/build/examples.mjs';
import { buildTestPrograms } from '../../scripts/build/test-programs.mjs';
import { chromiumObstacle, type Network, runPerigee, startNetwork, temporaryFolder } from '../kit/index.ts';
import { simulatedEvidence } from '../kit/simulated-evidence.ts';
import {
  type Asked,
  answerPrompt,
  ask,
  chooseChain,
  type Dapp,
  type ExtensionHost,
  type ProviderError,
  startDapp,
  startExtension,
  stopServiceWorker,
} from './extension-host.ts';

interface BlobState {
  readonly state: string;
  readonly drawn: number;
  readonly verified: number;
  readonly availabilityBits: number;
  readonly unavailabilityBits: number;
  readonly head: { readonly height: number };
  readonly rows: readonly { readonly verdict: string; readonly transport: string }[];
}

interface ReceiptState {
  readonly verdict: string;
  readonly checks: readonly { readonly name: string; readonly verdict: string; readonly reason: string }[];
}

interface Head {
  readonly chainId: string;
  readonly height: number;
  readonly headerHash: string;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BLOB_BYTES = 200_000;
/** So long that the one honest member, with a hundredth of the stake, holds far fewer rows than it takes: of a short blob each member holds enough alone. */
const LARGE_BLOB_BYTES = 3_000_000;
/** Long enough that it is certified on a busy machine, and soon over. */
const RETENTION_BLOCKS = 40;
const PATIENCE_MS = 60_000;

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');
// one extension for all: what a person decides in one test stands in the next
test.describe.configure({ mode: 'serial' });

let network: Network;
let dapp: Dapp;
/** Another origin, whose dapp the person denies. */
let other: Dapp;
let host: ExtensionHost;
let page: Page;
let shortLived: string;
/** Path of a receipt, made while all members are honest. */
let receiptFile: string;

test.beforeAll(async () => {
  await buildExamples();
  await buildTestPrograms();
  [network, dapp, other, host] = await Promise.all([
    startNetwork({ stakes: [1, 33, 33, 33], blockMs: 500 }),
    startDapp(),
    startDapp(),
    startExtension(),
  ]);
  shortLived = await network.publish(BLOB_BYTES, { retention: RETENTION_BLOCKS });
  const folder = temporaryFolder('receipt');
  receiptFile = join(folder, 'answer.pgrc');
  await expect.poll(() => network.output(), { timeout: 120_000 }).toContain('the provider is registered');
  const words = ['infer', 'What is a light node?', '--max-tokens', '16', '--save', receiptFile];
  const asked = await runPerigee([...words, '--home', folder, '--chain', network.chain]);
  expect(asked.code, asked.output).toBe(0);
});
test.afterAll(async () => {
  await host?.close();
  await Promise.all([dapp?.stop(), other?.stop(), network?.stop()]);
});

function resultOf<T>(asked: Asked<T>): T {
  if ('error' in asked) throw new Error(`${asked.error.code}: ${asked.error.message}`);
  return asked.result;
}

function errorOf(asked: Asked<unknown>): ProviderError {
  if ('error' in asked) return asked.error;
  throw new Error(`this was answered: ${JSON.stringify(asked.result)}`);
}

/** Evidence of a machine that there is not, with all that its vendor would have signed, as a site sends it. */
function evidenceOf(simulation: Simulation, change: (quote: Uint8Array) => void = () => {}): string {
  return toBase64(simulatedEvidence(simulation, change).bundle);
}

/** What the provider of a page has told since, as `connect chain`, `disconnect 4900`. */
async function hearConnection(asking: Page): Promise<() => Promise<readonly string[]>> {
  await asking.evaluate(() => {
    const told: string[] = [];
    Object.assign(globalThis, { told });
    window.addEventListener(
      'eip6963:announceProvider',
      (event) => {
        const { provider } = (event as CustomEvent).detail;
        provider.on('connect', ({ chainId }: { chainId: string }) => told.push(`connect ${chainId} ${provider.isConnected()}`));
        provider.on('disconnect', ({ code }: { code: number }) => told.push(`disconnect ${code} ${provider.isConnected()}`));
        provider.on('chainChanged', (chainId: string) => told.push(`chainChanged ${chainId}`));
      },
      { once: true },
    );
    window.dispatchEvent(new Event('eip6963:requestProvider'));
  });
  return () => asking.evaluate(() => (globalThis as unknown as { told: readonly string[] }).told);
}

async function statusOf(blobId: string): Promise<BlobState> {
  return resultOf(await ask<BlobState>(page, 'perigee_daStatus', [{ blobId }]));
}

/** Looks at a page of the extension in both themes. */
async function inspect(view: Page, name: string): Promise<void> {
  await view.addScriptTag({ content: AXE }).catch(() => view.evaluate(AXE)); // its policy allows no other script
  for (const colorScheme of ['light', 'dark'] as const) {
    await view.emulateMedia({ colorScheme });
    await view.screenshot({ path: test.info().outputPath(`${name}-${colorScheme}.png`), fullPage: true });
    const violations = await view.evaluate(
      async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations,
    );
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  }
}

test('a dapp of another origin finds the provider, a person allows it, and the newest verified block is told', async () => {
  page = await host.context.newPage();
  await page.goto(dapp.url);
  await expect(page.locator('#provider')).toHaveText('Found Perigee.');
  const told = await hearConnection(page);
  const early = ask(page, 'perigee_head');
  await answerPrompt(host, dapp.origin, 'Allow');
  expect(errorOf(await early)).toMatchObject({ code: 4900, message: expect.stringContaining('follows no chain yet') });

  await chooseChain(host, network.chain);
  const { chainId } = JSON.parse(readFileSync(network.chain, 'utf8')) as { chainId: string };
  const head = resultOf(await ask<Head>(page, 'perigee_head'));
  await expect.poll(told, { timeout: PATIENCE_MS }).toEqual([`connect ${chainId} true`]);
  await expect(page.locator('#connection')).toHaveText(`It follows ${chainId}.`);
  expect(head).toMatchObject({ chainId, validators: 4, headerHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  await page.locator('#connect').click();
  await expect(page.locator('#head')).toContainText(/^\d+, [0-9a-f]{16}/);
});

test('it tells an available, an unknown, an expired and a withheld blob apart, sampled over WebRTC', async () => {
  const available = await network.publish(BLOB_BYTES);
  expect(await statusOf(available)).toMatchObject({ state: 'available' });
  const sample = resultOf(await ask<BlobState>(page, 'perigee_sample', [{ blobId: available, budget: 'light' }]));
  expect(sample.availabilityBits).toBeGreaterThanOrEqual(20);
  expect(sample.rows.length).toBeGreaterThan(0);
  expect(new Set(sample.rows.map(({ verdict, transport }) => `${verdict} ${transport}`))).toEqual(
    new Set(['verified webrtc-direct']),
  );

  const unknown = await statusOf('ab'.repeat(32));
  expect(unknown).toMatchObject({ state: 'absent', drawn: 0, head: { height: expect.any(Number) } });

  await expect.poll(async () => (await statusOf(shortLived)).state, { timeout: PATIENCE_MS }).toBe('expired');

  const blob = resultOf(await ask<{ length: number; data: string }>(page, 'perigee_getBlob', [{ blobId: available }]));
  expect(Buffer.from(blob.data, 'base64')).toHaveLength(BLOB_BYTES);
  const long = errorOf(await ask(page, 'perigee_getBlob', [{ blobId: available, maxBytes: 1_000 }]));
  expect(long).toMatchObject({ code: -32005, message: expect.stringContaining(`has ${BLOB_BYTES} bytes`) });

  const value = await ask(page, 'perigee_kvGet', [{ stream: 'cd'.repeat(32), key: '01' }]);
  expect(resultOf(value)).toMatchObject({ value: null, version: null });

  for (const place of [1, 2, 3]) await network.corrupt(place, { kind: 'withhold', share: 1 });
  const withheld = await network.publish(LARGE_BLOB_BYTES);
  // the members were started anew: as long as hardly one is connected again, nothing can be said
  await expect(async () => {
    const sampled = resultOf(await ask<BlobState>(page, 'perigee_sample', [{ blobId: withheld }]));
    expect(sampled.state).toBe('unavailable');
  }).toPass({ timeout: PATIENCE_MS });
  const state = await statusOf(withheld);
  expect(state).toMatchObject({ state: 'unavailable' });
  expect(state.verified).toBeLessThan(state.drawn / 2);
  expect(state.unavailabilityBits).toBeGreaterThan(0);
});

test('evidence of hardware is judged in the offscreen node: simulated passes as such on a development chain, one other bit does not', async () => {
  const clock = { now: () => Date.now() };
  const verify = (evidence: string) => ask(page, 'perigee_verifyAttestation', [{ evidence }]);
  expect(resultOf(await verify(evidenceOf(developmentSimulation(clock))))).toMatchObject({
    format: 'perigee-attestation-report',
    status: 'simulated',
    overall: 'pass',
  });
  const signed = 600; // in the body of the quote, all of which is signed
  const flipped = evidenceOf(developmentSimulation(clock), (quote) => {
    quote[signed] = (quote[signed] ?? 0) ^ 1;
  });
  expect(resultOf(await verify(flipped))).toMatchObject({ overall: 'fail' });
  const stranger = evidenceOf(new Simulation({ seed: utf8('somebody else'), clock }));
  expect(resultOf(await verify(stranger))).toMatchObject({ status: 'real-fail', overall: 'fail' });
  expect(errorOf(await verify(toBase64(utf8('hello')))).code).toBe(-32603);
});

test('a receipt of an answer is judged in the offscreen node against the chain, by name', async () => {
  const verify = (bytes: Uint8Array) => ask<ReceiptState>(page, 'perigee_verifyReceipt', [{ receipt: toBase64(bytes) }]);
  const found = resultOf(await verify(readFileSync(receiptFile)));
  expect(found).toMatchObject({ verdict: 'pass', simulated: true, isWhole: true, hasRequest: true, hasAnswer: true });
  expect(found.checks.map(({ name }) => name)).toEqual([...RECEIPT_CHECKS]);
  const { receipt, ...rest } = decodeReceiptFile(readFileSync(receiptFile));
  const { checkpoint } = receipt;
  const dearer = { ...checkpoint, body: { ...checkpoint.body, fee: checkpoint.body.fee + 1n } };
  const changed = resultOf(await verify(encodeReceiptFile({ receipt: { ...receipt, checkpoint: dearer }, ...rest })));
  expect(changed.verdict).toBe('fail');
  expect(changed.checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name)).toContain('signature');
  expect(errorOf(await verify(utf8('hello')))).toMatchObject({ code: -32603, data: { reason: 'PARSE' } });
  expect(errorOf(await ask(page, 'perigee_verifyReceipt', [{}]))).toMatchObject({ code: -32602 });
});

test('events come to who subscribed, and end when it unsubscribes', async () => {
  const first = resultOf(await ask<Head>(page, 'perigee_head')).height;
  const heard = page.evaluate(
    () =>
      new Promise<{ type: string; data: { subscription: string; result: { height: number } } }>((resolve) => {
        window.addEventListener('eip6963:announceProvider', async (event) => {
          const { provider } = (event as CustomEvent).detail;
          const id = await provider.request({ method: 'perigee_subscribe', params: [{ kind: 'heads' }] });
          provider.on('message', (message: { type: string; data: { subscription: string; result: { height: number } } }) => {
            if (message.data.subscription === id) resolve(message);
          });
        });
        window.dispatchEvent(new Event('eip6963:requestProvider'));
      }),
  );
  const { type, data } = await heard;
  expect(type).toBe('eth_subscription');
  expect(data.result.height).toBeGreaterThanOrEqual(first);
  expect(resultOf(await ask(page, 'perigee_unsubscribe', [{ subscription: data.subscription }]))).toBe(true);
  expect(resultOf(await ask(page, 'perigee_unsubscribe', [{ subscription: data.subscription }]))).toBe(false);
});

test('the service worker may be stopped at any time: requests and subscriptions go on', async () => {
  await stopServiceWorker(host);
  const head = resultOf(await ask<Head>(page, 'perigee_head'));
  await expect
    .poll(async () => Number(/^\d+/.exec((await page.locator('#head').textContent()) ?? '')?.[0]), { timeout: PATIENCE_MS })
    .toBeGreaterThan(head.height); // the example's subscription of the first test
});

test('who was denied is told so, once by 4001 and from then on by 4100, until a person changes it in the popup', async () => {
  const denied = await host.context.newPage();
  await denied.goto(other.url);
  const asked = ask(denied, 'perigee_head');
  await stopServiceWorker(host); // while the person thinks
  await answerPrompt(host, other.origin, 'Deny', async (prompt) => {
    await inspect(prompt, 'prompt');
    await expect(prompt.getByRole('button', { name: 'Allow' })).toHaveAttribute('aria-disabled', 'false');
    // a click that was meant for a window that lay over this one
    await prompt.evaluate(() => {
      window.dispatchEvent(new Event('focus'));
      for (const button of document.querySelectorAll<HTMLButtonElement>('button.first')) button.click();
    });
  });
  expect(errorOf(await asked)).toMatchObject({ code: 4001 });
  expect(errorOf(await ask(denied, 'perigee_head'))).toMatchObject({
    code: 4100,
    message: expect.stringContaining(other.origin),
  });
  expect(errorOf(await ask(denied, 'eth_sendTransaction', [{}]))).toMatchObject({ code: 4200 });

  const popup = await host.open('popup');
  await expect(popup.locator(`[data-site="${other.origin}"]`)).toHaveAttribute('data-decision', 'denied');
  await popup.getByRole('button', { name: `Allow ${other.origin}` }).click();
  await expect(popup.locator(`[data-site="${other.origin}"]`)).toHaveAttribute('data-decision', 'allowed');
  expect(resultOf(await ask<Head>(denied, 'perigee_head')).height).toBeGreaterThan(0);
  await popup.getByRole('button', { name: `Forget ${other.origin}` }).click();
  await expect(popup.locator(`[data-site="${other.origin}"]`)).toHaveCount(0);
  const again = ask(denied, 'perigee_head');
  await answerPrompt(host, other.origin, 'close');
  expect(errorOf(await again)).toMatchObject({ code: 4001, message: expect.stringContaining('closed without an answer') });
  expect(errorOf(await ask(denied, 'perigee_head'))).toMatchObject({ code: 4100 });
  await popup.close();
  await denied.close();
});

test('a hostile site gets no further than its own share: floods, huge and strange parameters, a false origin', async () => {
  const bad: readonly (readonly [unknown, number])[] = [
    [[{ blobId: 'ab'.repeat(40) }], -32602],
    [[{ blobId: `${'ab'.repeat(31)}zz` }], -32602],
    [[{ blobId: 5 }], -32602],
    [[{ blobId: 'a'.repeat(100_000) }], -32602],
    [[{ blobId: 'ab'.repeat(32), origin: dapp.origin }], -32602],
    [[{}, {}], -32602],
    ['text', -32602],
  ];
  for (const [params, code] of bad)
    expect(errorOf(await ask(page, 'perigee_daStatus', params)), JSON.stringify(params).slice(0, 80)).toMatchObject({ code });
  expect(errorOf(await ask(page, 'x'.repeat(4_000_000)))).toMatchObject({ code: -32602 });

  const hostile = await host.context.newPage();
  await hostile.goto(other.url);
  // what a page can say to the bridge by hand; its id tells the answers apart
  const replies = await hostile.evaluate(async (allowed) => {
    const said = [
      { request: '{"method":"perigee_head"}', origin: allowed, sender: { origin: allowed } },
      { request: '{"method":"perigee_head","__proto__":{"origin":"x"},"constructor":1}' },
      { request: '{"method":"perigee_daStatus","params":{"__proto__":{"blobId":"ab"}}}' },
      { request: '{"method":"__proto__"}' },
      { request: '{"method":"constructor"}' },
      { request: '{"method":' },
      { request: 'null' },
      {
        request: '{"method":"perigee_head"}',
        to: 'perigee/node',
        command: { kind: 'decide', origin: location.origin, decision: 'allowed' },
      },
    ];
    const answers = new Map<number, { error?: { code: number } }>();
    window.addEventListener('message', ({ data }) => {
      if (data.to === 'perigee/to-page') answers.set(data.id, data.reply);
    });
    for (const [place, message] of said.entries())
      window.postMessage({ id: -1 - place, ...message, to: 'perigee/from-page' }, '/');
    while (answers.size < said.length) await new Promise((resolve) => setTimeout(resolve, 20));
    return said.map((_, place) => answers.get(-1 - place)?.error?.code);
  }, dapp.origin);
  // its question was closed, so it may not ask whoever it says that it is
  expect(replies).toEqual([4100, 4100, -32602, 4200, 4200, -32600, -32600, 4100]);

  const codes = await hostile.evaluate(async () => {
    const provider = await new Promise<{ request(asked: object): Promise<unknown> }>((resolve) => {
      window.addEventListener('eip6963:announceProvider', (event) => resolve((event as CustomEvent).detail.provider));
      window.dispatchEvent(new Event('eip6963:requestProvider'));
    });
    const one = (): Promise<number> =>
      provider.request({ method: 'perigee_head' }).then(
        () => 0,
        ({ code }) => code,
      );
    return Promise.all(Array.from({ length: 300 }, one));
  });
  expect(codes.filter((code) => code === -32005).length).toBeGreaterThan(200);
  expect(resultOf(await ask<Head>(page, 'perigee_head')).height).toBeGreaterThan(0); // who asks now and then is answered all the same
  await hostile.close();
});

test('the popup shows what was known at once, checks a blob and a transaction, pauses and resumes', async () => {
  const key = ['--home', temporaryFolder('tx'), '--chain', network.chain, '--key', network.account, '--json'];
  const sent = await runPerigee(['tx', 'transfer', `0x${'11'.repeat(20)}`, '0.0000001', '--yes', ...key]);
  expect(sent.code, sent.output).toBe(0);
  const { txId } = JSON.parse(sent.stdout.trim().split('\n').at(-1) ?? '') as { txId: string };

  const popup = await host.open('popup');
  await popup.setViewportSize({ width: 380, height: 600 });
  await expect(popup.locator('main')).toHaveAttribute('data-live', 'true');
  await expect(popup.locator('.lead')).toContainText('Data is missing or false'); // a blob is withheld
  const box = popup.getByLabel('Check this commitment or transaction');
  const check = async (text: string, answer: string | RegExp): Promise<void> => {
    await box.fill(text);
    // of peers that are busy with something else the answer is that it is not known: it is asked again, as a person would
    await expect(async () => {
      await popup.getByRole('button', { name: 'Check' }).click();
      await expect(popup.locator('.check output')).toContainText(answer, { timeout: PATIENCE_MS / 4 });
    }).toPass({ timeout: PATIENCE_MS });
  };
  await check(txId, /proved to be in block [\d,]+, and it succeeded/);
  await check('ef'.repeat(32), 'has no such blob, which is proved');
  await check(shortLived, 'has expired');
  await check('12', 'has 64 hexadecimal digits');
  await inspect(popup, 'popup');

  const told = await hearConnection(page);
  await popup.getByRole('button', { name: 'Pause' }).click();
  await expect(popup.locator('.lead')).toContainText('Paused');
  await expect.poll(told, { timeout: PATIENCE_MS }).toEqual(['disconnect 4900 false']);
  await expect(page.locator('#connection')).toContainText('paused');
  expect(errorOf(await ask(page, 'perigee_head'))).toMatchObject({ code: 4900, message: expect.stringContaining('paused') });
  await popup.getByRole('button', { name: 'Resume' }).click();
  expect(resultOf(await ask<Head>(page, 'perigee_head')).height).toBeGreaterThan(0);
  const { chainId } = resultOf(await ask<Head>(page, 'perigee_head'));
  await expect.poll(told, { timeout: PATIENCE_MS }).toEqual(['disconnect 4900 false', `connect ${chainId} true`]);
  await popup.close();

  const options = await host.open('options');
  await options.getByLabel('Chain file or trust link').fill('web+perigee:#trust=no-chain:1:00');
  await options.getByRole('button', { name: 'Read' }).click();
  await expect(options.locator('output')).toContainText('is no trust link');
  await inspect(options, 'options');
  await options.close();
});
