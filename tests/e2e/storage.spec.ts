import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type axe from 'axe-core';
import { chromiumObstacle, type Network, runPerigee, startNetwork, temporaryFolder } from '../kit/index.ts';
import { collectComplaints, openView } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LOOKS = [390, 1_440].flatMap((width) => (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })));

const LONG = process.env.PERIGEE_LONG === '1';
const MIB = 2 ** 20;
/** MiB of the tensor that is not asked for. */
const WIDE_MIB = LONG ? Number(process.env.PERIGEE_FOLDER_MIB ?? 2_048) : 3;

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, ...(LONG ? { storageBudgetGib: 4 } : {}) });
});
test.afterAll(async () => {
  await network?.stop();
});

/** Opens the view, once the page knows what chain it follows. */
async function openRoom(page: Page): Promise<void> {
  await page.goto(network.url);
  await expect(page.locator('[data-development="true"]')).toBeVisible({ timeout: 60_000 });
  await openView(page, 'Storage');
  await expect(page.locator('.storage .drop')).toBeVisible();
}

async function store(page: Page, name: string, content: Buffer): Promise<string> {
  await page.locator('.storage .drop input').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: content });
  await page.locator('.storage').getByRole('button', { name: 'Store', exact: true }).click();
  await expect(page.locator('[data-transfer="put"]').first()).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  return (await page.locator('[data-stored-root]').first().getAttribute('data-stored-root')) ?? '';
}

async function find(page: Page, root: string): Promise<void> {
  await page.getByLabel('Root, 64 hexadecimal digits').fill(root);
  await page.locator('.storage').getByRole('button', { name: 'Find' }).click();
  await expect(page.locator(`.storage-found[data-root="${root}"]`)).toBeVisible({ timeout: 60_000 });
}

/** What the browser saves when a button is pressed. */
async function saved(page: Page, press: () => Promise<void>): Promise<Buffer> {
  const download = page.waitForEvent('download', { timeout: 60_000 });
  await press();
  return readFileSync(await (await download).path());
}

test('a file is stored from the page, found with who has what, and fetched whole and in a range; nothing is paid twice', async ({
  page,
}) => {
  const complaints = collectComplaints(page);
  await page.addInitScript(AXE);
  await openRoom(page);
  const content = randomBytes(1_300_000);
  const root = await store(page, 'model.bin', content);
  await expect(page.locator('[data-transfer="put"]').first()).toContainText('Paid');
  await find(page, root);
  await expect(page.locator('[data-holder]')).toHaveCount(4);
  await expect(page.locator('[data-holder]').first()).toContainText('all of its shard');
  const whole = await saved(page, () => page.getByRole('button', { name: 'Fetch and save' }).click());
  expect(whole.equals(content)).toBe(true);
  await page.getByLabel('Or only these bytes').fill('1000000-1000099');
  const range = await saved(page, () => page.getByRole('button', { name: 'Fetch range' }).click());
  expect(range.equals(content.subarray(1_000_000, 1_000_100))).toBe(true);
  await expect(page.locator('[data-verified="100"]')).toBeVisible();
  await store(page, 'model.bin', content);
  await expect(page.locator('[data-transfer="put"]').first()).toContainText('nothing was paid');
  for (const { width, colorScheme } of LOOKS) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const violations = await page.evaluate(
      async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations,
    );
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.locator('.storage').screenshot({ path: test.info().outputPath(`${width}-${colorScheme}.png`) });
  }
  expect(complaints).toEqual([]);
});

test('one tensor of a stored folder is read by its name, with the segments that it is in', async ({ page }) => {
  test.setTimeout(LONG ? 1_200_000 : 240_000);
  const narrow = randomBytes(5_000);
  const wide = WIDE_MIB * MIB;
  const header = Buffer.from(
    JSON.stringify({
      wide: { dtype: 'U8', shape: [wide], data_offsets: [0, wide] },
      'layers.0.weight': { dtype: 'U8', shape: [narrow.length], data_offsets: [wide, wide + narrow.length] },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const folder = join(temporaryFolder('model'), 'model');
  mkdirSync(folder);
  const model = openSync(join(folder, 'model.safetensors'), 'w');
  for (const piece of [length, header]) writeSync(model, piece);
  for (let i = 0; i < WIDE_MIB; i++) writeSync(model, randomBytes(MIB));
  writeSync(model, narrow);
  closeSync(model);
  writeFileSync(join(folder, 'config.json'), '{}');
  const words = ['put', folder, '--chain', network.chain, '--key', network.account, '--home', temporaryFolder('put'), '--json'];
  const { code, stdout, output } = await runPerigee(words);
  expect(code, output).toBe(0);
  const { root } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { root: string };
  await openRoom(page);
  await find(page, root);
  await page.getByLabel('Tensor, by its name').fill('layers.0.weight');
  const tensor = await saved(page, () => page.getByRole('button', { name: 'Fetch tensor' }).click());
  expect(tensor.equals(narrow)).toBe(true);
  // a segment, or the two that it lies in
  await expect(page.locator('[data-transfer="get"]').first()).toContainText(/\d KiB received/);
  const config = await saved(page, () => page.getByRole('button', { name: 'Fetch: config.json' }).click());
  expect(config.toString()).toBe('{}');
});
