import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from '@playwright/test';
import type axe from 'axe-core';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { collectComplaints, sampledRows } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let blobId: string;

test.beforeAll(async () => {
  network = await startNetwork();
  blobId = await network.publish(1024 * 1024);
});
test.afterAll(async () => {
  await network?.stop();
});

for (const [device, width, height] of [
  ['phone', 390, 844],
  ['desktop', 1440, 900],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`the live page on a ${colorScheme} ${device} is accessible, as wide as its window and without complaints`, async ({
      browser,
    }) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme });
      const page = await context.newPage();
      const complaints = collectComplaints(page);
      await page.addInitScript(AXE); // no tag in the page: its policy stays as strict as it is
      await page.goto(network.url);
      await sampledRows(page, blobId);
      await expect(page.locator('[data-development="true"]')).toBeVisible();
      await page.screenshot({ path: test.info().outputPath(`${device}-${colorScheme}.png`) });
      await page.locator('details').evaluateAll((all) => {
        for (const details of all as HTMLDetailsElement[]) details.open = true;
      });
      const violations = await page.evaluate(
        async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations,
      );
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(complaints).toEqual([]);
      await context.close();
    });
  }
}

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

test('nothing moves while the first blob is verified', async ({ page }) => {
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
});

test('a pause ends what is asked, and resuming goes on', async ({ page }) => {
  await page.goto(network.url);
  await sampledRows(page, blobId);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('heading', { name: 'Paused' })).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await sampledRows(page, blobId);
  await expect(page.locator('main')).toHaveAttribute('data-phase', 'live');
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
