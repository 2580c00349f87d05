import { expect, test } from '@playwright/test';
import { chromiumObstacle, startNetwork } from '../kit/index.ts';
import { sampledRows } from './page.ts';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

test('when every node dies the page keeps what it verified and says so, and it recovers with them', async ({ page }) => {
  const before = await startNetwork({ providers: 0, nodes: 2 });
  const blobId = await before.publish(1024 * 1024);
  const thrown: string[] = [];
  page.on('pageerror', (error) => thrown.push(error.message));
  await page.goto(before.url);
  await sampledRows(page, blobId);
  const height = Number(await page.locator('.height').getAttribute('data-height'));

  await before.kill();
  await expect(page.getByRole('heading', { name: 'No peer answers' })).toBeVisible({ timeout: 60_000 });
  expect(Number(await page.locator('.height').getAttribute('data-height'))).toBeGreaterThanOrEqual(height);
  expect(await sampledRows(page, blobId)).toHaveLength(20);

  const after = await before.restart();
  await expect(page.locator('main')).toHaveAttribute('data-peers', /[1-9]/, { timeout: 60_000 });
  await expect
    .poll(async () => Number(await page.locator('.height').getAttribute('data-height')), { timeout: 60_000 })
    .toBeGreaterThan(height);
  await expect(page.locator('.chip[data-freshness]')).toHaveText(/current|one source/);
  expect(thrown).toEqual([]);
  await after.stop();
});
