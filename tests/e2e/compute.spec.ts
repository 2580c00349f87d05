import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { decodeReceiptFile } from '@perigee/light-core/receipt';
import { expect, type Page, test } from '@playwright/test';
import type axe from 'axe-core';
import { chromiumObstacle, type Network, runPerigee, startNetwork, temporaryFolder } from '../kit/index.ts';
import { collectComplaints, openView } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LOOKS = [390, 1_440].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })));
const CHECKS = ['registration', 'hardware', 'code', 'model', 'channel', 'content', 'payment'];
/** Of all that a provider with simulated evidence can be checked for: nobody has named code. */
const PASSED = CHECKS.map((name) => `${name} ${name === 'code' ? 'notChecked' : 'pass'}`);

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
test.beforeAll(async () => {
  network = await startNetwork({ nodes: 2 });
  await expect.poll(() => network.output().split('the provider is registered').length, { timeout: 180_000 }).toBeGreaterThan(2);
});
test.afterAll(async () => {
  await network?.stop();
});

/** Opens the view. Without WebSockets the page reaches the provider's process by WebRTC or not at all. */
async function openRoom(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'WebSocket', { value: undefined });
  });
  await page.addInitScript(AXE);
  await page.goto(network.url);
  await expect(page.locator('[data-development="true"]')).toBeVisible({ timeout: 60_000 });
  await openView(page, 'Compute');
  await expect(page.locator('.compute-ask .compute-providers [data-model="perigee-1"]')).toBeVisible({ timeout: 60_000 });
}

const verdicts = (page: Page, within: string) =>
  page
    .locator(`${within} [data-check]`)
    .evaluateAll((checks) => checks.map((check) => `${check.getAttribute('data-check')} ${check.getAttribute('data-verdict')}`));

async function ask(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question);
  await page.locator('.compute-ask').getByRole('button', { name: 'Ask', exact: true }).click();
}

async function expectAccessible(page: Page): Promise<void> {
  const violations = await page.evaluate(async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations);
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

/** Pictures of a part in both themes, on a phone and a desktop; nothing is wider than its window. */
async function look(page: Page, name: string): Promise<void> {
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.screenshot({ path: test.info().outputPath(`${name}-${width}-${colorScheme}.png`), fullPage: true });
  }
}

const workers = (page: Page) => page.workers().map((worker) => worker.url());

test('a model of another process answers by WebRTC, sealed and streamed, and every check is named', async ({ page }) => {
  const complaints = collectComplaints(page);
  await openRoom(page);
  const row = page.locator('.compute-ask .compute-providers [data-model="perigee-1"]');
  await expect(row).toHaveAttribute('data-simulated', 'true');
  await expect(row).toContainText('at stake');
  await expect(page.locator('.compute-ask')).toContainText('No protected hardware is behind it');

  // what is shown while it comes: pieces that the provider has not signed for yet are said to be unverified
  const seen = page.evaluate(
    () =>
      new Promise<boolean>((resolve) => {
        const watch = new MutationObserver(() => {
          if (document.querySelector('.compute-answer .unverified') !== null) resolve(true);
        });
        watch.observe(document.body, { childList: true, subtree: true });
        setTimeout(() => resolve(false), 120_000);
      }),
  );
  await ask(page, 'What is a light node?');
  const answer = page.locator('.compute-answer');
  await expect(answer).toHaveAttribute('data-outcome', 'pass', { timeout: 120_000 });
  expect(await seen).toBe(true);
  expect(await verdicts(page, '.compute-answer')).toEqual(PASSED);
  await expect(answer.locator('.unverified')).toHaveCount(0);
  expect((await answer.locator('.verified').innerText()).length).toBeGreaterThan(10);
  await expect(answer.locator('.compute-outcome')).toHaveAttribute('data-hardware', 'simulated');
  await expect(answer).toContainText('on simulated hardware');
  await expect(answer.locator('[data-check="hardware"]')).toContainText('Simulated');
  await expect(answer.locator('[data-check="channel"]')).toContainText('sealed');
  expect(workers(page).some((url) => /answer\.job/.test(url))).toBe(true);
  expect(workers(page).some((url) => /attest\.job/.test(url))).toBe(true);
  await look(page, 'answer');

  // the receipt is kept, holds against the chain in another program, and here
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the receipt' }).click();
  const file = join(temporaryFolder('receipt'), 'answer.pgrc');
  await (await download).saveAs(file);
  const verified = await runPerigee(['receipt', 'verify', file, '--chain', network.chain, '--home', temporaryFolder('light')]);
  expect(verified.code, verified.output).toBe(0);
  const drop = page.locator('.compute-open .drop input');
  await drop.setInputFiles(file);
  await expect(page.locator('.compute-receipt')).toHaveAttribute('data-verdict', 'pass', { timeout: 60_000 });
  await expect(page.locator('.compute-receipt .said').first()).toContainText('What is a light node?');
  await look(page, 'receipt');

  // it is public when a person has said to know what that means: for whoever fetches it, without the evidence
  const layOut = page.locator('.compute-lay-out');
  const publish = layOut.getByRole('button', { name: 'Publish for auditors' });
  await expect(publish).toBeDisabled();
  await layOut.getByRole('checkbox').check();
  await publish.click();
  await expect(layOut).toHaveAttribute('data-stage', 'public', { timeout: 120_000 });
  await look(page, 'public');
  const blobId = await layOut.locator('.mono').getAttribute('title');
  const fetched = join(temporaryFolder('receipt'), 'fetched.pgrc');
  const got = await runPerigee([
    ...['get', blobId ?? '', '-o', fetched],
    ...['--chain', network.chain, '--home', temporaryFolder('light')],
  ]);
  expect(got.code, got.output).toBe(0);
  const { grounds, ...saved } = decodeReceiptFile(new Uint8Array(readFileSync(file)));
  expect(grounds?.length).toBeGreaterThan(1_000);
  expect(decodeReceiptFile(new Uint8Array(readFileSync(fetched)))).toEqual(saved);

  // a bit of the signature, with a hash that is right again: the named check fails
  const broken = join(temporaryFolder('receipt'), 'broken.pgrc');
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(broken, bytes);
  await drop.setInputFiles(broken);
  await expect(page.locator('.compute-open .obstacle')).toContainText('This cannot be read');
  expect(complaints).toEqual([]);
});

test('what is asked can be ended by hand, and asked again', async ({ page }) => {
  await openRoom(page);
  await ask(page, 'Tell me a long story about tides.');
  // the first question is paid for by a transaction: there is time
  await expect(page.locator('.compute-answer[data-doing]')).toBeVisible();
  await page.locator('.compute-ask').getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.locator('.compute-answer .obstacle')).toHaveAttribute('data-code', 'ABORTED');
  await expect(page.locator('.compute-answer')).not.toHaveAttribute('data-doing');
  await page.locator('.compute-ask details summary').click();
  await page.getByLabel('Tokens of the answer at most').fill('16');
  await ask(page, 'What is a light node?');
  await expect(page.locator('.compute-answer')).toHaveAttribute('data-outcome', 'pass', { timeout: 120_000 });
});

/** 200 sentences, of which five are about the sea. */
const SEA = [
  'The fishing boats left the harbour before the tide turned.',
  'Salt water covers most of the planet.',
  'A storm drove the ship against the rocks.',
  'Whales sing to each other across the ocean.',
  'She swam far out from the beach.',
];
const SUBJECTS = ['The baker', 'Our neighbour', 'A young engineer', 'The old teacher', 'My cousin'];
const THINGS = ['bread', 'bicycles', 'tax returns', 'chess', 'violins', 'tomatoes', 'spreadsheets', 'railways', 'carpets'];
const ENDS = ['every Monday.', 'with great patience.', 'for a small fee.', 'until late at night.', 'in a quiet street.'];
const SENTENCES = [
  ...SEA,
  ...SUBJECTS.flatMap((who) => THINGS.flatMap((what) => ENDS.map((end) => `${who} talks about ${what} ${end}`))),
].slice(0, 200);

test('two hundred sentences are embedded by a provider, and searched by meaning, with receipts that are checked', async ({
  page,
}) => {
  const complaints = collectComplaints(page);
  await openRoom(page);
  await expect(page.locator('.compute-texts .compute-providers [data-model]')).toBeVisible({ timeout: 60_000 });
  await page.getByLabel('Sentences, one on each line').fill(SENTENCES.join('\n'));
  await expect(page.locator('#compute-texts-count')).toContainText('200 sentences');
  await page.getByRole('button', { name: 'Embed', exact: true }).click();
  const index = page.locator('.compute-index');
  await expect(index).toHaveAttribute('data-done', '200', { timeout: 120_000 });
  await page.getByLabel('What are you looking for?').fill('waves and sailors');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(index.locator('.compute-found li')).toHaveCount(10, { timeout: 120_000 });
  expect(SEA).toContain(await index.locator('.compute-found li bdi').first().innerText());
  expect(await verdicts(page, '.compute-index')).toEqual(PASSED);
  await expect(index).toContainText('2 receipts, all checked');
  await expect(index).toContainText('on simulated hardware');
  expect(workers(page).some((url) => /answer\.job/.test(url))).toBe(true);
  await look(page, 'search');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save 2 receipts' }).click();
  const file = join(temporaryFolder('receipt'), 'texts.pgrc');
  await (await download).saveAs(file);
  const verified = await runPerigee(['receipt', 'verify', file, '--chain', network.chain, '--home', temporaryFolder('light')]);
  expect(verified.code, verified.output).toBe(0);
  expect(complaints).toEqual([]);
});
