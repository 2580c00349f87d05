/** The largest blobs, from end to end: by the command line and the page, with rows lost and with a node gone. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, launchChromium, type Network, runPerigee, startNetwork, temporaryFolder } from '../kit/index.ts';
import { loseRows } from '../kit/lose-rows.ts';
import { peakOf, peakOfBrowser, TELL_MEMORY, toldPeak } from '../kit/memory.ts';
import { openView, sampledRows } from './page.ts';

const MAX_BYTES = 32_505_852;
const PAGE_BYTES = 30_000_000;
const PATIENCE_MS = 240_000;

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');
test.skip(process.env.PERIGEE_LONG !== '1', 'it takes minutes: npm run test:long');
test.describe.configure({ mode: 'serial', timeout: 600_000 });

const folder = temporaryFolder('large');
let network: Network;
let byCommand: { readonly blobId: string; readonly sha256: string };
let byPage: { readonly blobId: string; readonly sha256: string };

test.beforeAll(async () => {
  network = await startNetwork({ daBudgetGib: 4 });
});
test.afterAll(async () => {
  const nodes = network?.pids.map((pid, place) => `node ${place} ${peakOf(pid) ?? 'ended'}`);
  console.log(`peak memory, MiB: ${nodes?.join(', ')}`);
  await network?.stop();
});

/** Runs a command that must succeed, and prints what memory it took. */
async function perigee(...words: string[]): Promise<string> {
  const { code, stdout, output } = await runPerigee(words, { env: TELL_MEMORY });
  if (code !== 0) throw new Error(`perigee ${words[0]} ended with ${code}:\n${output}`);
  console.log(`peak memory, MiB: perigee ${words[0]} ${toldPeak(output) ?? 'unknown'}`);
  return stdout;
}

async function fileOf(bytes: number): Promise<{ readonly path: string; readonly sha256: string }> {
  const path = join(folder, `random-${bytes}.bin`);
  writeFileSync(path, randomBytes(bytes));
  return { path, sha256: await hashOf(path) };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Fetches a blob by the command line. @returns hash of the file, and the rows that it was made of */
async function get(blobId: string): Promise<{ readonly sha256: string; readonly originals: number }> {
  const path = join(folder, 'fetched');
  const stdout = await perigee('get', blobId, '-o', path, '--force', '--chain', network.chain, '--json');
  const sha256 = await hashOf(path);
  rmSync(path);
  return { sha256, originals: (JSON.parse(stdout) as { originals: number }).originals };
}

/** Runs `use` in a page of a new profile. */
async function inPage<T>(address: string, use: (page: Page) => Promise<T>): Promise<T> {
  const browser = await launchChromium();
  try {
    const page = await browser.context.newPage();
    await page.goto(address);
    return await use(page);
  } finally {
    const { browser: main, page } = peakOfBrowser(browser.profile);
    console.log(`peak memory, MiB: browser ${main}, page ${page}`);
    await browser.close();
  }
}

/** Has the page fetch the blob that it shows. @returns hash of the file that was saved */
async function retrieve(page: Page): Promise<string> {
  const download = page.waitForEvent('download', { timeout: PATIENCE_MS });
  await page
    .locator('.blob')
    .getByRole('button', { name: /^Retrieve/ })
    .click();
  return hashOf(await (await download).path());
}

test('a file of the greatest length is published, sampled and fetched by the command line', async () => {
  const { path, sha256 } = await fileOf(MAX_BYTES);
  const stdout = await perigee('publish', path, '--chain', network.chain, '--key', network.account, '--json');
  byCommand = { blobId: (JSON.parse(stdout) as { blobId: string }).blobId, sha256 };
  await perigee('sample', byCommand.blobId, '--chain', network.chain, '--json');
  expect((await get(byCommand.blobId)).sha256).toBe(sha256);
});

test('the page samples it, retrieves it and saves it', async () => {
  await inPage(`${network.url}#${byCommand.blobId}`, async (page) => {
    expect(new Set(await sampledRows(page, byCommand.blobId))).toEqual(new Set(['verified']));
    expect(await retrieve(page)).toBe(byCommand.sha256);
  });
});

test('a file of 30 MB is published by the page and fetched by the command line', async () => {
  const { path, sha256 } = await fileOf(PAGE_BYTES);
  await inPage(network.url, async (page) => {
    await openView(page, 'Blobs');
    await page.locator('input[type="file"]').setInputFiles(path);
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    const task = page.locator('[data-task="publish"]').first();
    await expect(task).toHaveAttribute('data-status', 'done', { timeout: PATIENCE_MS });
    const link = (await task.getByRole('link').getAttribute('href')) ?? '';
    byPage = { blobId: link.split('#')[1] ?? '', sha256 };
  });
  expect((await get(byPage.blobId)).sha256).toBe(sha256);
});

test('with every original row gone from every disk, both still fetch it whole', async () => {
  const lost = await Promise.all(network.nodes.map(({ home }) => loseRows(home, byCommand.blobId, (index, { k }) => index < k)));
  expect(lost.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(4_096);
  expect(await get(byCommand.blobId)).toEqual({ sha256: byCommand.sha256, originals: 0 });
  await inPage(`${network.url}#${byCommand.blobId}`, async (page) => {
    await sampledRows(page, byCommand.blobId);
    expect(await retrieve(page)).toBe(byCommand.sha256);
  });
});

test('with one of four nodes ended, both still fetch the other whole', async () => {
  await network.endNode(3);
  expect((await get(byPage.blobId)).sha256).toBe(byPage.sha256);
  await inPage(`${network.url}#${byPage.blobId}`, async (page) => {
    await sampledRows(page, byPage.blobId);
    expect(await retrieve(page)).toBe(byPage.sha256);
  });
});
