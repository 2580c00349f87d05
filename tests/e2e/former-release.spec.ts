/** What an earlier release left on a device, when this one is served: contained, explained, recovered (issue 8, Bad input). */
import { expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { openView } from './page.ts';
import { type PageHost, startPageHost } from './page-host.ts';

const PATIENCE_MS = 60_000;

/** Of a release that kept the document alone, served it for ever, and told nobody of a newer one. */
const DOCUMENT_ONLY = `
  const CACHE = 'shell-1';
  self.addEventListener('install', (event) => {
    self.skipWaiting();
    event.waitUntil(caches.open(CACHE).then((cache) => cache.add('./')));
  });
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener('fetch', (event) => {
    if (event.request.mode !== 'navigate') return;
    event.respondWith(caches.match(new Request(self.registration.scope)).then((kept) => kept ?? fetch(event.request)));
  });
`;

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');
test.use({ serviceWorkers: 'allow' });

let network: Network;
let host: PageHost;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
});
test.afterAll(async () => {
  await network?.stop();
});
test.beforeEach(async () => {
  host = await startPageHost(network.chain, '/light/');
});
test.afterEach(async () => {
  await host?.stop();
});

const notice = (page: Page) => page.locator('[data-notice="update"]');
const isFormer = (page: Page) => expect(page.locator('#app')).toHaveAttribute('data-build', 'former', { timeout: PATIENCE_MS });
const isThis = (page: Page) => expect(page.locator('#app:not([data-build]) main')).toBeVisible({ timeout: PATIENCE_MS });
const verifies = (page: Page) => expect(page.locator('.height')).toHaveAttribute('data-height', /\d/, { timeout: PATIENCE_MS });
/** Of the parts that the page has loaded, how many are of the former release, and how many of this one. */
async function partsOf(page: Page): Promise<{ former: number; present: number }> {
  const names = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  const parts = names.filter((name) => name.includes('/assets/'));
  const former = parts.filter((name) => name.includes('.former.')).length;
  return { former, present: parts.length - former };
}

test('a former release that lies whole on the device goes on with its own parts until somebody agrees, and leaves none behind', async ({
  page,
}) => {
  host.release('former');
  await page.goto(host.url);
  await expect(page.locator('main')).toHaveAttribute('data-kept', 'true', { timeout: PATIENCE_MS });
  await verifies(page);
  host.release('this');
  await page.reload();
  await isFormer(page);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await expect(notice(page)).toContainText('A newer version', { timeout: PATIENCE_MS });
  for (const view of ['Settings', 'Network', 'Evidence', 'Live'] as const) await openView(page, view); // fetched now for the first time
  expect(await partsOf(page)).toMatchObject({ present: 0 });
  await notice(page).getByRole('button').click();
  await isThis(page);
  await verifies(page);
  await openView(page, 'Settings');
  expect(await partsOf(page)).toMatchObject({ former: 0 });
  const kept = await page.evaluate(async () => {
    const caches = await Promise.all((await globalThis.caches.keys()).map((name) => globalThis.caches.open(name)));
    return (await Promise.all(caches.map((cache) => cache.keys()))).flat().map(({ url }) => url);
  });
  expect(kept.filter((url) => url.includes('.former.'))).toEqual([]);
});

test('a former service worker whose page cannot go on is replaced without being asked, and the page says so', async ({
  page,
}) => {
  host.release('former', DOCUMENT_ONLY);
  await page.goto(host.url);
  await isFormer(page);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), { timeout: PATIENCE_MS }).toBe(true);
  host.release('this');
  await page.reload(); // its document, whose parts are nowhere any more: nothing is shown
  await isThis(page);
  await verifies(page);
  await expect(notice(page)).toContainText('has changed to a newer version', { timeout: PATIENCE_MS });
  await page.screenshot({ path: test.info().outputPath('changed.png') });
  await notice(page).getByRole('button').click();
  await expect(notice(page)).toHaveCount(0);
  await page.reload();
  await verifies(page);
  await expect(page.locator('main')).toHaveAttribute('data-kept', 'true', { timeout: PATIENCE_MS });
  await expect(notice(page)).toHaveCount(0); // it is said once
});

/** A wallet whose user leaves its window open: the page is at work for as long as a test looks at it. */
function announceSilentWallet(): void {
  const provider = { request: () => new Promise(() => {}), on() {}, removeListener() {} };
  const info = { uuid: '7b1f5b0e-0000-4000-8000-000000000000', name: 'Silent wallet', icon: '', rdns: 'test.silent' };
  const announce = (): void => {
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
  };
  window.addEventListener('eip6963:requestProvider', announce);
  announce();
}

test('a former page that is in the middle of something is not loaded anew before that is done', async ({ page }) => {
  await page.addInitScript(announceSilentWallet);
  host.release('former', DOCUMENT_ONLY);
  await page.goto(host.url);
  await isFormer(page);
  await verifies(page);
  await expect(page.locator('main')).toHaveAttribute('data-kept', 'true', { timeout: PATIENCE_MS });
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null), { timeout: PATIENCE_MS }).toBe(true);
  await openView(page, 'Settings');
  await page.getByRole('button', { name: 'Connect Silent wallet' }).click({ timeout: PATIENCE_MS });
  // what it takes to ask the wallet is fetched, while it is there
  await expect(page.locator('.wallet')).toContainText('Waiting for the wallet', { timeout: PATIENCE_MS });
  await page.evaluate(() => {
    const asked: unknown[] = [];
    Object.assign(globalThis, { asked });
    navigator.serviceWorker.addEventListener('message', ({ data }) => asked.push(data));
  });
  host.release('this');
  // an update that was under way before is the one that a call joins: it has the former release
  const afterUpdate = () =>
    page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update();
      return (globalThis as { asked?: unknown[] }).asked;
    });
  await expect.poll(afterUpdate, { timeout: PATIENCE_MS }).toEqual(['perigee/is-at-work']);
  await page.waitForTimeout(3_000); // more than a page has to answer
  await isFormer(page);
  expect(await page.evaluate(() => 'asked' in globalThis)).toBe(true); // it is still the same visit
  await page.screenshot({ path: test.info().outputPath('at-work.png') });
  await page.reload();
  await isThis(page);
  await openView(page, 'Live');
  await verifies(page);
});

test('a part of a former page that its server has no more is named in words, and a reload goes on', async ({ browser }) => {
  const context = await browser.newContext({ serviceWorkers: 'block' });
  try {
    const page = await context.newPage();
    host.release('former');
    await page.goto(host.url);
    await verifies(page);
    host.release('this');
    await page.getByRole('navigation').getByRole('link', { name: 'Settings', exact: true }).click();
    const problem = page.locator('.problem');
    await expect(problem).toContainText('This part of the page is missing', { timeout: PATIENCE_MS });
    await expect(problem).toContainText('newer version');
    await expect(page.locator('main')).toHaveAttribute('data-height', /\d/); // the rest goes on
    await problem.getByRole('button', { name: 'Reload' }).click();
    await isThis(page);
    await expect(page.locator('.settings')).toBeVisible({ timeout: PATIENCE_MS });
    expect(await partsOf(page)).toMatchObject({ former: 0 });
  } finally {
    await context.close();
  }
});
