import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { collectComplaints, drop, openView, sampledRows } from './page.ts';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0 });
});
test.afterAll(async () => {
  await network?.stop();
});

function task(page: Page, kind: 'publish' | 'retrieve') {
  return page.locator(`[data-task="${kind}"]`).first();
}

async function publishedLink(page: Page): Promise<string> {
  await expect(task(page, 'publish')).toHaveAttribute('data-status', 'done');
  const link = await task(page, 'publish').getByRole('link').getAttribute('href');
  expect(link).toMatch(/#00[0-9a-f]{64}$/);
  return link ?? '';
}

test('a file that is dropped on the page is published, sampled, opened by its link, retrieved and saved whole', async ({
  page,
  browser,
}) => {
  const complaints = collectComplaints(page);
  await page.goto(network.url);
  const content = randomBytes(300_000);
  await drop(page, '../\u202eevil report.bin', content);
  const link = await publishedLink(page);
  const blobId = link.split('#')[1] ?? '';
  expect(new Set(await sampledRows(page, blobId))).toEqual(new Set(['verified']));

  const download = page.waitForEvent('download');
  await page
    .getByRole('button', { name: /^Retrieve/ })
    .first()
    .click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('evil report.bin');
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(
    createHash('sha256')
      .update(readFileSync(await saved.path()))
      .digest('hex'),
  ).toBe(sha256);
  await openView(page, 'Blobs');
  await expect(task(page, 'retrieve').locator('[data-sha256]')).toHaveAttribute('data-sha256', sha256);
  expect(complaints).toEqual([]);

  await network.publish(200_000); // what is newer does not take the place of what the link opens
  const other = await browser.newPage();
  await other.goto(link);
  expect(new Set(await sampledRows(other, blobId))).toEqual(new Set(['verified']));
  await other.close();
});

test('an upload that a reload interrupts is listed, and goes on when the same file is dropped again', async ({ page }) => {
  const warnings: string[] = [];
  page.on('dialog', (dialog) => {
    warnings.push(dialog.type());
    void dialog.accept();
  });
  await page.goto(network.url);
  const content = randomBytes(4_000_000);
  await drop(page, 'large.bin', content);
  await expect(task(page, 'publish')).toHaveAttribute('data-stage', 'upload');
  await page.reload();
  expect(warnings).toEqual(['beforeunload']);
  await expect(task(page, 'publish')).toHaveAttribute('data-status', 'interrupted');
  await expect(task(page, 'publish')).toContainText('large.bin');
  await drop(page, 'large.bin', content);
  await publishedLink(page);
  await expect(page.locator('[data-task]')).toHaveCount(1);
  expect(await page.evaluate(() => localStorage.getItem('perigee/uploads'))).toBe('[]');
});

test('what is published while the page is paused resumes it, says so before, and is published', async ({ page }) => {
  await page.goto(network.url);
  await expect(page.locator('main')).toHaveAttribute('data-phase', 'live');
  await openView(page, 'Blobs');
  await expect(page.locator('.drop')).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.locator('#lead-title')).toHaveText('Paused');
  await expect(page.locator('.card.publish')).toContainText('resumes');
  await drop(page, 'paused.bin', randomBytes(20_000));
  await publishedLink(page);
});
