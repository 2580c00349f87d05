/** One light node for all tabs of the page, and what becomes of it when a tab is closed, hidden or frozen (issue 8, Must show 1). */
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { connections, countConnections, drop, sampledRows } from './page.ts';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let blobId: string;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
  blobId = await network.publish(256 * 1024);
});
test.afterAll(async () => {
  await network?.stop();
});

/** A tab that counts what it has open. */
async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await countConnections(page);
  await page.goto(network.url);
  await expect(page.locator('.height')).toHaveAttribute('data-height', /\d/);
  return page;
}

/** A tab says at once that it rests; what it has open is then closed in good order. */
const areClosed = (page: Page) => expect.poll(() => connections(page)).toBe(0);
const height = async (page: Page) => Number(await page.locator('main').getAttribute('data-height'));
const leads = (page: Page, yes: boolean) => expect(page.locator('main')).toHaveAttribute('data-leading', `${yes}`);

async function goesOn(page: Page): Promise<void> {
  const before = await height(page);
  await expect.poll(() => height(page)).toBeGreaterThan(before);
}

test('two tabs have one set of connections, show the same, and the second goes on when the first is closed', async ({
  context,
}) => {
  const first = await openTab(context);
  await sampledRows(first, blobId);
  const second = await openTab(context);
  await leads(first, true);
  await leads(second, false);
  expect((await sampledRows(second, blobId)).sort()).toEqual((await sampledRows(first, blobId)).sort());
  await goesOn(second);
  expect(await connections(first)).toBeGreaterThan(0);
  expect(await connections(second)).toBe(0);

  await first.close();
  await leads(second, true);
  await goesOn(second);
  expect(await connections(second)).toBeGreaterThan(0);
});

test('a tab in which something is asked for takes the lead, and waits while the other is at work', async ({ context }) => {
  const first = await openTab(context);
  const second = await openTab(context);
  await leads(second, false);
  await drop(second, 'second.bin', Buffer.from('published by the second tab'));
  await leads(second, true);
  await leads(first, false);
  await expect(second.locator('[data-task]').first()).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await areClosed(first);
  await goesOn(first);

  await drop(second, 'long.bin', Buffer.alloc(4 << 20, 'long'));
  await expect(second.locator('[data-task][data-status="running"]')).toBeVisible();
  await drop(first, 'after.bin', Buffer.from('published after that'));
  await expect(second.locator('[data-task]').first()).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await expect(first.locator('[data-task]').first()).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await leads(first, true);
});

test('a pause is one of both tabs', async ({ context }) => {
  const [first, second] = [await openTab(context), await openTab(context)];
  await second.getByRole('button', { name: 'Pause' }).click();
  for (const page of [first, second]) await expect(page.locator('#lead-title')).toHaveText('Paused');
  for (const page of [first, second]) await areClosed(page);
  await first.getByRole('button', { name: 'Resume' }).click();
  await goesOn(first);
  await goesOn(second);
});

test('a leading tab that is frozen loses the lead to one that is asked for something, and follows it when it wakes', async ({
  context,
}) => {
  const first = await openTab(context);
  const second = await openTab(context);
  const devtools = await context.newCDPSession(first);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await drop(second, 'second.bin', Buffer.from('published while the first is frozen'));
  await leads(second, true);
  await expect(second.locator('[data-task]').first()).toHaveAttribute('data-status', 'done', { timeout: 60_000 });
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await leads(first, false);
  await goesOn(first);
  await goesOn(second);
});
