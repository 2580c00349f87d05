import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@playwright/test';
import type axe from 'axe-core';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { collectComplaints, openView, sampledRows } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const LONG = process.env.PERIGEE_LONG === '1';
const DEVICES = [
  ['phone', 390, 844],
  ['desktop', 1440, 900],
] as const;

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let blobId: string;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0 });
  blobId = await network.publish(1024 * 1024);
});
test.afterAll(async () => {
  await network?.stop();
});

test('the live page moves nothing while it verifies, and on a phone and a desktop, light and dark, is accessible and as wide as its window', async ({
  page,
}) => {
  const complaints = collectComplaints(page);
  await page.addInitScript(AXE); // no tag in the page: its policy stays as strict as it is
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.defineProperty(globalThis, 'shifts', { value: shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(network.url);
  await sampledRows(page, blobId);
  const total = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts.reduce((a, b) => a + b, 0));
  expect(total).toBeLessThan(0.01);
  await expect(page.locator('[data-development="true"]')).toBeVisible();
  for (const [device, width, height] of DEVICES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await test.step(`a ${colorScheme} ${device}`, async () => {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: test.info().outputPath(`${device}-${colorScheme}.png`) });
        await page.locator('details').evaluateAll((all) => {
          for (const details of all as HTMLDetailsElement[]) details.open = true;
        });
        const violations = await page.evaluate(
          async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations,
        );
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });
    }
  }
  expect(complaints).toEqual([]);
});

test('verified headers are listed down to the root of trust, each with what it took', async ({ page }) => {
  await page.goto(network.url);
  await expect.poll(() => page.locator('[data-header]').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
  const { height } = JSON.parse(readFileSync(network.chain, 'utf8')) as { height: number };
  const more = page.locator('.headers').getByRole('button');
  while (await more.isVisible()) await more.click();
  const root = page.locator(`[data-header="${height}"]`);
  await expect(root).toHaveAttribute('data-way', 'anchor');
  await expect(root).toContainText('named by the root of trust');
  await expect(page.locator('[data-way="sequential"]').first()).toContainText(/sequentially from block [\d,]+3 of 4[\d.]+ m?s$/);
});

test('each view has an address, is fetched when it is opened, and is come back to where it was left', async ({ page }) => {
  const complaints = collectComplaints(page);
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  const got = (name: string) => fetched.filter((url) => url.includes(`/${name}View-`) && url.endsWith('.js')).length;
  const current = page.locator('nav [aria-current="page"]');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${network.url}#/storage`);
  await expect(current).toHaveText('Storage');
  await expect(page.locator('.storage .drop')).toBeVisible();
  await openView(page, 'Live');
  await sampledRows(page, blobId);
  expect([got('Blobs'), got('Storage'), got('Settings')]).toEqual([0, 1, 0]);

  await page.locator('nav a', { hasText: 'Blobs' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#view-title')).toBeFocused();
  await expect(page.locator('#view-title')).toHaveText('Blobs');
  expect(new URL(page.url()).hash).toBe('#/blobs');
  await expect(page.locator('.publish')).toBeVisible();
  await page.evaluate(() => scrollTo(0, 400));
  await openView(page, 'Settings');
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await expect(current).toHaveText('Blobs');
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(400);
  await page.goBack();
  await expect(current).toHaveText('Live');
  await page.goForward();
  await expect(page.locator('.publish')).toBeVisible();
  expect([got('Blobs'), got('Storage'), got('Settings')]).toEqual([1, 1, 1]);
  expect(complaints).toEqual([]);
});

test('a pause ends what is asked, and resuming goes on', async ({ page }) => {
  await page.goto(network.url);
  await sampledRows(page, blobId);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('heading', { name: 'Paused' })).toBeVisible();
  // what a paused node found is, after that, of a run before, and not of a visit before: the page was open all the time
  const said = page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const words = new Set<string>();
        const look = (): void => {
          for (const part of document.querySelectorAll('.lead, .blob, .recent, .headers, footer')) words.add(part.textContent);
          if (document.querySelector('main[data-phase="live"] .blob[data-phase="done"] .map canvas') === null)
            requestAnimationFrame(look);
          else resolve([...words].join('\n'));
        };
        look();
      }),
  );
  await page.getByRole('button', { name: 'Resume' }).click();
  await sampledRows(page, blobId);
  await expect(page.locator('main')).toHaveAttribute('data-phase', 'live');
  expect(await said).not.toMatch(/earlier visit|this page opened/);
  await expect(page.locator('footer')).toContainText('since the light node last started');
});

test('the bench measures in a worker of its own, and is stopped by hand', async ({ page }) => {
  await page.goto(`${network.url}#/bench`);
  const bench = page.locator('.bench');
  await bench.getByRole('button', { name: 'Measure', exact: true }).click();
  // the first three of its subjects, on rows of the size that it measures
  await expect.poll(() => bench.locator('progress').evaluate(({ value }: HTMLProgressElement) => value)).toBeGreaterThan(0.03);
  expect(page.workers().some((worker) => /\/measure[\w.-]*\.js$/.test(worker.url()))).toBe(true);
  await bench.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(bench).toHaveAttribute('data-phase', 'stopped');
});

test('what the bench has measured is saved as JSON', async ({ page }) => {
  // apps/pwa/test/bench.browser.test.tsx shows the same of small rows
  test.skip(!LONG, 'it takes the processor for itself for half a minute: npm run test:long');
  test.setTimeout(480_000);
  await page.goto(`${network.url}#/bench`);
  const bench = page.locator('.bench');
  await bench.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(bench).toHaveAttribute('data-phase', 'done', { timeout: 420_000 });
  const coming = page.waitForEvent('download');
  await bench.getByRole('button', { name: 'Save as JSON' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe('perigee-bench.json');
  const saved = JSON.parse(readFileSync(await download.path(), 'utf8')) as { figures: { name: string; median: number }[] };
  expect(saved).toMatchObject({
    version: 1,
    machine: {
      cores: await page.evaluate(() => navigator.hardwareConcurrency),
      browser: await page.evaluate(() => navigator.userAgent),
    },
  });
  const shown = await bench
    .locator('tr[data-figure]')
    .evaluateAll((rows) => (rows as HTMLElement[]).map(({ dataset: { figure, median } }) => [figure, Number(median)]));
  expect(saved.figures.map(({ name, median }) => [name, median])).toEqual(shown);
  expect(shown.length).toBeGreaterThan(10);
  for (const figure of saved.figures) {
    expect(figure).toEqual({
      name: expect.stringMatching(/^[a-z]\w+$/i),
      unit: expect.stringMatching(/^(ms|µs|MB\/s|Gbit\/s)$/),
      median: expect.any(Number),
      min: expect.any(Number),
      max: expect.any(Number),
      n: 5,
    });
  }
});

test('without a chain file the page says what is missing and what to do', async ({ page }) => {
  await page.route('**/perigee-chain.json', (route) => route.fulfill({ status: 404, body: 'not found' }));
  await page.goto(network.url);
  await expect(page.getByRole('alert')).toContainText('no valid root of trust');
  await page.unroute('**/perigee-chain.json');
  await page.getByRole('button', { name: 'Try again' }).click();
  await sampledRows(page, blobId);
});

test('a chain file that is none is refused by its code', async ({ page }) => {
  await page.route('**/perigee-chain.json', (route) => route.fulfill({ body: '{"version":1,"chainId":"x"}' }));
  await page.goto(network.url);
  await expect(page.getByRole('alert')).toContainText('TRUST_ROOT');
  await expect(page.locator('.card')).toHaveCount(0);
});
