/** What a person decides about the page is obeyed by its node, kept on the device, and taken back when it cannot be read. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page, test } from '@playwright/test';
import type axe from 'axe-core';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { collectComplaints, openView, sampledRows } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let blobId: string;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
  blobId = await network.publish(100_000);
});
test.afterAll(async () => {
  await network?.stop();
});

const stand = (page: Page) => page.locator('.budgets .stand');
const height = async (page: Page) => Number(await page.locator('main').getAttribute('data-height'));

/** Makes the browser say that it is on battery, or not, as the test sets it. */
async function withBattery(page: Page): Promise<(charging: boolean) => Promise<void>> {
  await page.addInitScript(() => {
    const battery = Object.assign(new EventTarget(), { charging: true });
    Object.defineProperty(globalThis, 'testBattery', { value: battery });
    Object.defineProperty(navigator, 'getBattery', { value: async () => battery });
  });
  return (charging) =>
    page.evaluate((is) => {
      const { testBattery } = globalThis as unknown as { testBattery: EventTarget & { charging: boolean } };
      testBattery.charging = is;
      testBattery.dispatchEvent(new Event('chargingchange'));
    }, charging);
}

test('a cap that is chosen holds in the engine, is shown with what is used, and after a reload', async ({ page }) => {
  const complaints = collectComplaints(page);
  await page.addInitScript(AXE);
  await page.goto(`${network.url}#${blobId}`);
  await sampledRows(page, blobId);
  await openView(page, 'Settings');
  await expect(page.locator('[data-budget="bytesPerDay"]')).toHaveAttribute('data-used', /[1-9]\d{3,}/);
  await page.getByLabel('Data each second: at most').selectOption({ label: '16 KiB/s' });
  await expect(stand(page)).toContainText('Nothing is held up');
  const violations = await page.evaluate(async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations);
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
  await page.reload();
  await expect(page.getByLabel('Data each second: at most')).toHaveValue(`${16 * 1024}`);
  await network.publish(1_000_000); // twenty rows of it are more than that
  await expect(stand(page)).toContainText('Sampling waits for: Data each second');
  await page.getByLabel('Data each second: at most').selectOption({ label: 'no cap' });
  await expect(stand(page)).toContainText('Nothing is held up');
  expect(complaints).toEqual([]);
});

test('on battery it follows headers only, or rests, and goes on with power or by hand', async ({ page }) => {
  const charge = await withBattery(page);
  const newest = await network.publish(60_000);
  await page.goto(network.url);
  await sampledRows(page, newest);
  await openView(page, 'Settings');
  await page.getByLabel('On battery').selectOption('headers only');
  await expect(stand(page)).toContainText('Nothing is held up');
  await charge(false);
  await expect(stand(page)).toContainText('Only headers are followed on battery');
  const before = await height(page);
  const waiting = await network.publish(50_000);
  await expect.poll(() => height(page)).toBeGreaterThan(before + 2);
  await openView(page, 'Live');
  await expect(page.locator(`[data-blob="${waiting}"][data-outcome]`)).toHaveCount(0);
  await openView(page, 'Settings');
  await page.getByLabel('On battery').selectOption('rest');
  await expect(page.locator('#lead-title')).toHaveText('Resting');
  await page.getByRole('button', { name: 'Resume' }).click(); // by hand
  await expect(page.locator('main')).toHaveAttribute('data-phase', 'live');
  await charge(true);
  await charge(false);
  await expect(page.locator('#lead-title')).toHaveText('Resting');
  await charge(true);
  await openView(page, 'Live');
  await sampledRows(page, waiting);
});

test('settings that cannot be read are explained and replaced, and those of another tab are taken over', async ({
  page,
  context,
}) => {
  await page.addInitScript(() => {
    if (sessionStorage.getItem('broken') !== null) return;
    sessionStorage.setItem('broken', 'once');
    localStorage.setItem('perigee/settings', '{"version":1,"cpuShare":17}');
  });
  await page.goto(`${network.url}#/settings`);
  await expect(page.getByRole('alert')).toContainText('cpuShare is not from 0.01 to 1');
  await expect(page.getByLabel('Processor, of one core: at most')).toHaveValue('0.5');
  const other = await context.newPage();
  await other.goto(`${network.url}#/settings`);
  await other.getByLabel('Theme').selectOption('dark');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('body')).toHaveCSS('background-color', 'rgb(13, 20, 27)');
});

test('what is kept on the device is deleted when a person says so twice', async ({ page }) => {
  await page.goto(`${network.url}#${blobId}`);
  await sampledRows(page, blobId);
  await openView(page, 'Settings');
  await page.getByLabel('Theme').selectOption('dark');
  const left = () =>
    page.evaluate(async () => {
      const names: string[] = Object.keys(localStorage).filter((key) => key.startsWith('perigee'));
      const root = (await navigator.storage.getDirectory()) as unknown as { keys(): AsyncIterable<string> };
      for await (const name of root.keys()) names.push(name);
      return names;
    });
  await expect.poll(left).toContain('perigee-light');
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await page.getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Delete everything' }).click();
  await page.route('**/engine-*.js', (route) => route.abort()); // nothing begins anew before it is looked
  await page.getByRole('button', { name: 'Delete it all' }).click();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme', 'dark');
  await expect.poll(left).toEqual([]);
});

test('the browser is asked for notifications on a click only', async ({ page, context }) => {
  await page.addInitScript(() => {
    const told: string[] = [];
    class TestNotification {
      static permission = 'default';
      static async requestPermission(): Promise<string> {
        told.push('asked');
        TestNotification.permission = 'granted';
        return 'granted';
      }
      constructor(title: string) {
        told.push(title);
      }
    }
    Object.defineProperty(globalThis, 'Notification', { value: TestNotification });
    Object.defineProperty(globalThis, 'told', { value: told });
  });
  const told = () => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);
  await context.clearPermissions();
  await page.goto(`${network.url}#${blobId}`);
  await sampledRows(page, blobId);
  await openView(page, 'Settings');
  expect(await told()).toEqual([]);
  await page.getByRole('button', { name: 'Tell me', exact: true }).click();
  await expect(page.locator('[data-notify="true"]')).toBeVisible();
  expect(await told()).toEqual(['asked']);
});

test('what is given to other pages is decided in any tab, holds in the one that leads, and after a reload', async ({
  page,
  context,
}) => {
  await page.goto(`${network.url}#${blobId}`);
  await sampledRows(page, blobId);
  await openView(page, 'Settings');
  const given = page.locator('.share .stand');
  await expect(given).toHaveAttribute('data-shares', 'true');
  const other = await context.newPage();
  await other.goto(`${network.url}#/settings`);
  await other.getByLabel('Give each day at most').selectOption({ label: '20 MiB' });
  await other.getByLabel('Give verified rows to other pages').uncheck();
  await expect(given).toHaveAttribute('data-shares', 'false');
  await expect(page.getByLabel('Give each day at most')).toHaveValue(`${20 * 1024 * 1024}`);
  await other.close();
  await page.reload();
  await expect(given).toHaveAttribute('data-shares', 'false');
  await page.getByLabel('Give verified rows to other pages').check();
  await expect(given).toHaveAttribute('data-shares', 'true');
});

test('on battery nothing is given to other pages, also when a person goes on by hand', async ({ page }) => {
  const charge = await withBattery(page);
  await page.goto(`${network.url}#${blobId}`);
  await sampledRows(page, blobId);
  await openView(page, 'Settings');
  const given = page.locator('.share .stand');
  await expect(given).toHaveAttribute('data-shares', 'true');
  await page.getByLabel('On battery').selectOption('rest');
  await charge(false);
  await expect(given).toContainText('Nothing is given or taken on battery');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.locator('main')).toHaveAttribute('data-phase', 'live');
  await expect(given).toHaveAttribute('data-shares', 'false');
  await charge(true);
  await expect(given).toHaveAttribute('data-shares', 'true');
});

test('a visit that is not to start by itself waits for a person, and then opens what its address names', async ({
  page,
  context,
}) => {
  await page.goto(`${network.url}#/settings`);
  await page.getByLabel('Start by itself').uncheck();
  await page.reload();
  await expect(page.getByLabel('Start by itself')).not.toBeChecked();
  await expect(page.locator('#lead-title')).toHaveText('Paused');
  const visit = await context.newPage();
  await visit.goto(`${network.url}#${blobId}`);
  await expect(visit.locator('#lead-title')).toHaveText('Paused');
  await expect(visit.locator('main')).toHaveAttribute('data-phase', 'loading'); // no node of this tab has said a word
  await visit.getByRole('button', { name: 'Resume' }).click();
  await sampledRows(visit, blobId);
  await expect(page.locator('#lead-title')).not.toHaveText('Paused'); // as a pause, a start is one of all tabs
});
