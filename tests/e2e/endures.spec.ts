/** What a page lives through: no room on the device, a network that goes silent and comes back, and a database that something spoiled (issue 8). */
import { type CDPSession, expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { collectComplaints, sampledRows } from './page.ts';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let blobId: string;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
  blobId = await network.publish(512 * 1024);
});
test.afterAll(async () => {
  for (const { pid } of network?.nodes ?? []) process.kill(pid, 'SIGCONT');
  await network?.stop();
});

const height = async (page: Page) => Number(await page.locator('.height').getAttribute('data-height'));
const kept = (page: Page) => page.locator('.device');

async function goesOn(page: Page): Promise<void> {
  const before = await height(page);
  await expect.poll(() => height(page), { timeout: 60_000 }).toBeGreaterThan(before);
}

async function follows(page: Page): Promise<void> {
  await expect(page.locator('.height')).toHaveAttribute('data-height', /\d/);
  for (const verdict of await sampledRows(page, blobId)) expect(verdict).toBe('verified');
  await goesOn(page);
}

/** What this origin may keep from now on; `undefined` for what the browser gives it by itself. */
async function allow(session: CDPSession, bytes: number | undefined): Promise<void> {
  const origin = new URL(network.url).origin;
  await session.send('Storage.overrideQuotaForOrigin', { origin, ...(bytes === undefined ? {} : { quotaSize: bytes }) });
}

test('without room on the device the page verifies all the same, says that nothing is kept, and keeps it again with room', async ({
  page,
  context,
}) => {
  const complaints = collectComplaints(page);
  const session = await context.newCDPSession(page);
  await allow(session, 1);
  await page.goto(network.url);
  await follows(page);
  await expect(kept(page)).toContainText('no space left');
  await allow(session, undefined);
  await expect(kept(page)).not.toContainText('no space left', { timeout: 60_000 });
  await expect(async () => {
    await page.reload();
    await expect(page.locator('.height')).toHaveAttribute('data-height', /\d/, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  expect(complaints).toEqual([]);
});

test('a network that goes silent is said to be so, and the page goes on by itself when it is back', async ({ page, context }) => {
  await page.goto(network.url);
  await follows(page);
  const before = await height(page);
  await context.setOffline(true);
  for (const { pid } of network.nodes) process.kill(pid, 'SIGSTOP');
  await expect(page.locator('#lead-title')).toHaveText('This device is offline', { timeout: 60_000 });
  expect(await height(page)).toBeGreaterThanOrEqual(before);
  for (const { pid } of network.nodes) process.kill(pid, 'SIGCONT');
  await context.setOffline(false);
  await goesOn(page);
  await expect(page.locator('.chip[data-freshness="current"]')).toBeVisible({ timeout: 60_000 });
});

for (const [what, spoil] of [
  ['other bytes', 'bytes'],
  ['values that are no bytes', 'types'],
  ['nothing', 'empty'],
] as const) {
  test(`a database in which something put ${what} shows nothing unverified, and the page starts from its trust root`, async ({
    page,
  }) => {
    const complaints = collectComplaints(page);
    await page.goto(network.url);
    await follows(page);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.locator('#lead-title')).toHaveText('Paused');
    expect(await page.evaluate(spoilStores, spoil)).toBeGreaterThan(0);
    await page.goto('about:blank');
    await page.goto(network.url);
    await follows(page);
    await expect(page.locator('.chip[data-freshness="current"]')).toBeVisible({ timeout: 30_000 });
    expect(complaints).toEqual([]);
  });
}

/** In the page. @returns how many values were spoiled */
async function spoilStores(how: 'bytes' | 'types' | 'empty'): Promise<number> {
  const done = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  let spoiled = 0;
  for (const { name = '' } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const values = database.transaction(store, 'readwrite').objectStore(store);
      for (const key of await done(values.getAllKeys())) {
        const bytes = crypto.getRandomValues(new Uint8Array(64));
        if (how === 'empty') await done(values.delete(key));
        else await done(values.put(how === 'bytes' ? bytes : { toString: 'a value', length: -1 }, key));
        spoiled++;
      }
    }
    database.close();
  }
  return spoiled;
}
