/** A blob that is kept on: its rows are pruned on every member, and the command line and the page have it all the same. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { chromiumObstacle, type Network, runPerigee, startNetwork } from '../kit/index.ts';
import { collectComplaints, openView } from './page.ts';

/** Fast blocks: rows may be waited for until the end of the next epoch, 1,200 blocks at most. */
const BLOCK_MS = 50;
const RETENTION_BLOCKS = 900;
const PATIENCE_MS = 400_000;

test.setTimeout(2 * PATIENCE_MS);

let network: Network;

// packages/storage/test/hand-over.test.ts shows the same in one process, in seconds
test.skip(process.env.PERIGEE_LONG !== '1', 'its rows are pruned after some minutes: npm run test:long');
test.beforeAll(async () => {
  network = await startNetwork({ blockMs: BLOCK_MS });
});
test.afterAll(async () => {
  await network?.stop();
});

/** Files of rows that members have. */
function rowFiles(): string[] {
  return network.nodes.flatMap(({ home }) =>
    readdirSync(join(home, 'da'), { recursive: true }).filter((name): name is string => String(name).endsWith('.rows')),
  );
}

test('a blob whose rows are pruned is retrieved from the nodes that store it, by command and in the page', async ({ page }) => {
  const content = randomBytes(600_000);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const path = join(network.home, 'kept-on.bin');
  writeFileSync(path, content);
  const blobId = await network.publish(path, { retention: RETENTION_BLOCKS, persist: true });
  expect(rowFiles().length).toBeGreaterThan(0);
  await expect.poll(() => rowFiles().length, { timeout: PATIENCE_MS, intervals: [1_000] }).toBe(0);

  const target = join(network.home, 'got.bin');
  const { code, stdout, output } = await runPerigee(['get', blobId, '-o', target, '--chain', network.chain, '--json']);
  expect(code, output).toBe(0);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ blobId, sha256, rows: 0, segments: 3 });
  expect(createHash('sha256').update(readFileSync(target)).digest('hex')).toBe(sha256);

  const obstacle = chromiumObstacle();
  test.skip(obstacle !== undefined, obstacle ?? '');
  const complaints = collectComplaints(page);
  await page.goto(`${network.url}#${blobId}`);
  const download = page.waitForEvent('download', { timeout: 120_000 });
  await page
    .locator('.blob')
    .getByRole('button', { name: /^Retrieve/ })
    .click({ timeout: 60_000 });
  const saved = await (await download).path();
  expect(createHash('sha256').update(readFileSync(saved)).digest('hex')).toBe(sha256);
  await openView(page, 'Blobs');
  await expect(page.locator('[data-task="retrieve"] [data-sha256]').first()).toHaveAttribute('data-sha256', sha256);
  await expect(page.locator('[data-task="retrieve"]').first()).toContainText('stored segments');
  expect(complaints).toEqual([]);
});
