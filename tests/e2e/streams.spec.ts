import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, type Page, test } from '@playwright/test';
import type axe from 'axe-core';
import { chromiumObstacle, type Network, runPerigee, startNetwork, temporaryFolder } from '../kit/index.ts';
import { collectComplaints, openView } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LOOKS = [390, 1_440].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })));

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
test.beforeAll(async () => {
  network = await startNetwork({ providers: 0 });
});
test.afterAll(async () => {
  await network?.stop();
});

/** Opens the view, once the page knows what chain it follows. */
async function openRoom(page: Page): Promise<void> {
  await page.goto(network.url);
  await expect(page.locator('[data-development="true"]')).toBeVisible({ timeout: 60_000 });
  await openView(page, 'KV');
  await expect(page.getByRole('button', { name: 'New stream' })).toBeVisible();
}

async function write(page: Page, key: string, value: string): Promise<void> {
  const form = page.locator('.streams-write');
  const wrote = () => form.locator('[role="status"]').getAttribute('data-wrote');
  const before = await wrote();
  await form.getByLabel('Key').fill(key);
  await form.getByLabel('Value').fill(value);
  await form.getByRole('button').click();
  await expect.poll(async () => ((await wrote()) ?? before) !== before, { timeout: 60_000 }).toBe(true);
}

const entry = (page: Page, key: string) => page.locator(`.streams-list [data-key="${key}"]`);
const status = (page: Page) => page.locator('.streams-open [role="status"]');

test('a stream is made, written to, read from memory and verified again, and follows what others write', async ({ page }) => {
  const complaints = collectComplaints(page);
  await page.addInitScript(AXE);
  await openRoom(page);
  await page.getByLabel('Stream, 64 hexadecimal digits').fill('no stream');
  await page.locator('.streams').getByRole('button', { name: 'Open', exact: true }).click();
  await expect(page.locator('.streams .obstacle')).toContainText('64 hexadecimal digits');
  await page.getByRole('button', { name: 'New stream' }).click();
  await expect(page.locator('.streams-open[data-proved]')).toContainText('that is proved', { timeout: 60_000 });
  const stream = (await page.locator('.streams-open').getAttribute('data-stream')) ?? '';
  await write(page, 'greeting', 'hello');
  await expect(entry(page, 'greeting')).toContainText('hello');
  await page.getByRole('button', { name: 'Read: greeting' }).click();
  await expect(status(page)).toContainText('Hit in memory');
  await page.getByRole('button', { name: 'Verify again: greeting' }).click();
  await expect(status(page)).toContainText(/Hit in memory|proof of/);
  await page.getByRole('button', { name: 'Edit: greeting' }).click();
  await expect(page.locator('.streams-write').getByLabel('Value')).toHaveValue('hello');
  await write(page, 'greeting', 'hello again');
  await expect(entry(page, 'greeting')).toContainText('hello again');
  for (const key of ['profile/name', 'profile/a-rather-long-name-of-a-key-that-has-to-be-broken-somewhere']) {
    await write(page, key, `value of ${key}, which is long enough to need more than one line on a telephone`);
  }
  await expect(page.locator('.streams-list li')).toHaveCount(3);
  // the account of this browser owns the stream: others may not write, and the page keeps what it has
  const words = ['kv', 'set', stream, 'greeting', 'mine', '--chain', network.chain, '--key', network.account];
  const refused = await runPerigee([...words, '--home', temporaryFolder('kv'), '--yes']);
  expect(refused.output).toContain('SenderNoWritePermission');
  const get = ['kv', 'get', stream, 'greeting', '--chain', network.chain, '--home', temporaryFolder('kv')];
  const read = await runPerigee([...get, '--json']);
  expect(read.stdout).toContain('hello again');
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const violations = await page.evaluate(
      async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations,
    );
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.locator('.streams').screenshot({ path: test.info().outputPath(`${width}-${colorScheme}.png`) });
  }
  await write(page, 'greeting', '');
  await expect(entry(page, 'greeting')).toHaveCount(0);
  const { height } = JSON.parse(read.stdout) as { height: number };
  expect((await runPerigee([...get, '--height', String(height)])).stdout).toContain('hello again');
  expect(complaints).toEqual([]);
});

test('without peers the page shows what it keeps with its age, refuses the latest in words, and is current again with them', async ({
  page,
}) => {
  await openRoom(page);
  await page.getByRole('button', { name: 'New stream' }).click();
  await expect(page.locator('.streams-open[data-proved]')).toBeVisible({ timeout: 60_000 });
  await write(page, 'kept', 'still here');
  await expect(entry(page, 'kept')).toContainText('still here');
  const verify = page.getByRole('button', { name: 'Verify again: kept' });

  await network.kill();
  await expect(async () => {
    await verify.click();
    await expect(status(page)).toHaveAttribute('data-code', 'UNPROVEN', { timeout: 8_000 });
  }).toPass({ timeout: 90_000 });
  await expect(status(page)).toContainText('could not be proved');
  await expect(entry(page, 'kept')).toContainText('still here');
  await expect(entry(page, 'kept')).toContainText(/\d+ s old/);
  await page.getByRole('button', { name: 'Read: kept' }).click();
  await expect(status(page)).toContainText('Hit in memory');

  const proved = async () => Number(await page.locator('.streams-open').getAttribute('data-proved'));
  const before = await proved();
  network = await network.restart();
  await page.evaluate(() => dispatchEvent(new Event('online'))); // as the browser says it
  await expect(page.locator('main')).toHaveAttribute('data-peers', /[1-9]/, { timeout: 60_000 });
  const connectedAt = Date.now();
  // the list is proved anew by itself
  await expect.poll(proved, { timeout: 60_000, intervals: [50] }).toBeGreaterThan(before);
  console.log(`current ${Date.now() - connectedAt} ms after the first peer was back`);
  await expect(status(page)).not.toHaveAttribute('data-code');
  await verify.click();
  await expect(status(page)).toContainText(/checked in|Hit in memory/);
});
