/** Two pages in two browsers give each other rows while no node has one to give, within their caps, and after their relay has ended (issue 8, Must show 3). */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, launchChromium, type Network, startNetwork, type TestBrowser, webrtcObstacle } from '../kit/index.ts';
import { loseRows } from '../kit/lose-rows.ts';
import { collectComplaints, openView, sampledRows } from './page.ts';

/** Pages that did not find each other at once try again after 20 s and more. */
const PATIENCE_MS = 150_000;
const RELAY = 3;
const noBrowser = chromiumObstacle() ?? webrtcObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');
test.describe.configure({ mode: 'serial' });

let network: Network;
const browsers: TestBrowser[] = [];

interface Published {
  readonly blobId: string;
  readonly sha256: string;
}

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, monitor: true });
});
test.afterEach(async () => {
  if (test.info().status !== 'passed') console.log(network.output().slice(-2_000));
});
test.afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await network?.stop();
});

async function publish(length: number): Promise<Published> {
  const data = randomBytes(length);
  const path = join(network.home, `given-${length}.bin`);
  writeFileSync(path, data);
  return { blobId: await network.publish(path), sha256: createHash('sha256').update(data).digest('hex') };
}

/** The page in a browser of its own, looking at a blob. */
async function openPage({ blobId }: Published): Promise<{ page: Page; complaints: string[] }> {
  const browser = await launchChromium();
  browsers.push(browser);
  const page = await browser.context.newPage();
  const complaints = collectComplaints(page);
  await page.goto(`${network.url}#${blobId}`);
  return { page, complaints };
}

async function shows(page: Page, blob: Published): Promise<void> {
  await page.evaluate((id) => {
    location.hash = id;
  }, blob.blobId);
  await expect(page.locator(`[data-blob="${blob.blobId}"]`)).toBeVisible({ timeout: PATIENCE_MS });
}

/** Bytes of rows that the nodes have given so far, by their own count. */
async function givenByNodes(): Promise<number> {
  let sum = 0;
  for (const { metrics } of network.nodes) {
    const text =
      metrics === undefined ? undefined : await (await fetch(new URL('metrics', metrics)).catch(() => undefined))?.text();
    sum += Number(/^perigee_da_served_bytes_total (\d+)/m.exec(text ?? '')?.[1] ?? 0);
  }
  return sum;
}

/** A number that the card of the other pages shows; the view of the network is open. */
async function figure(page: Page, name: string): Promise<number> {
  return Number(await page.locator('.sharing').getAttribute(`data-${name}`));
}

async function retrieve(page: Page, { blobId, sha256 }: Published): Promise<void> {
  await page
    .locator(`[data-blob="${blobId}"]`)
    .getByRole('button', { name: /^Retrieve/ })
    .click();
  await openView(page, 'Blobs');
  await expect(page.locator(`[data-task="retrieve"] [data-sha256="${sha256}"]`).first()).toBeVisible({
    timeout: 2 * PATIENCE_MS,
  });
}

/** Every node loses every row of a blob, and says so when it is asked. */
async function loseAll({ blobId }: Published): Promise<void> {
  for (const { home } of network.nodes) await loseRows(home, blobId, () => true);
}

test('pages give each other rows that no node has, within their caps, and go on without the relay', async () => {
  test.setTimeout(4 * PATIENCE_MS);
  const first = await publish(400_000);
  const second = await publish(1_500_000);
  const a = await openPage(first);
  expect(new Set(await sampledRows(a.page, first.blobId))).toEqual(new Set(['verified']));
  await retrieve(a.page, first);
  await shows(a.page, second);
  await retrieve(a.page, second);
  await openView(a.page, 'Network');
  await loseAll(first);
  await loseAll(second);
  const before = await givenByNodes();
  expect(before).toBeGreaterThan(0);

  // introduced by the relay, a second browser gets from the first what no node has
  const b = await openPage(first);
  await openView(b.page, 'Network');
  await expect(b.page.locator('.sharing')).toHaveAttribute('data-pages', '1', { timeout: PATIENCE_MS });
  await shows(b.page, first);
  await retrieve(b.page, first);
  await openView(b.page, 'Network');
  expect(await figure(b.page, 'rows-received')).toBeGreaterThanOrEqual(64);
  const received = await figure(b.page, 'rows-received');
  await expect.poll(() => figure(a.page, 'rows-served')).toBeGreaterThanOrEqual(received); // each page draws in its own time
  expect(await givenByNodes()).toBe(before);
  await expect.poll(() => figure(b.page, 'receipts'), { timeout: PATIENCE_MS }).toBeGreaterThan(0); // of what the first page sampled

  // the relay ends: they go on, and the page that gives keeps to its rate
  await network.endNode(RELAY);
  await expect(b.page.locator('.sharing')).toHaveAttribute('data-relays', '0', { timeout: PATIENCE_MS });
  const given = await givenByNodes(); // without that of the node that ended
  const rate = await figure(a.page, 'rate');
  const servedBefore = await figure(a.page, 'bytes-served');
  const beganAt = Date.now();
  await shows(b.page, second);
  const got = retrieve(b.page, second);
  let isDone = false;
  void got.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const served = (await figure(a.page, 'bytes-served')) - servedBefore;
    // a second's worth at once, then the rate; a row may be on its way
    expect(served).toBeLessThanOrEqual(rate * (1 + (Date.now() - beganAt) / 1_000) + 16_384);
    await b.page.waitForTimeout(200);
  }
  await got;
  await openView(b.page, 'Network');
  // of both blobs: rows of the second may have been sampled there before the relay ended
  await expect.poll(() => figure(a.page, 'bytes-served')).toBeGreaterThan(1_800_000);
  expect(await givenByNodes()).toBe(given);
  expect(await figure(b.page, 'pages')).toBe(1);
  // what the browser itself says of the node that ended
  const isOwn = (words: string) => !words.includes('ERR_CONNECTION_REFUSED');
  expect([...a.complaints, ...b.complaints].filter(isOwn)).toEqual([]);
});
