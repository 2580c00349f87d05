/** One light node for the page and the extension, where both are there and a person wants it (issue 8, Build). */
import { expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { answerPrompt, chooseChain, type ExtensionHost, startExtension } from './extension-host.ts';
import { connections, countConnections, drop, everConnected, openView } from './page.ts';

const PATIENCE_MS = 60_000;
/** A page keeps its own node so long after what a person asked of it. */
const KEEP_MS = 30_000;

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');
// what a person decides in one test stands in the next
test.describe.configure({ mode: 'serial' });

let network: Network;
let host: ExtensionHost;
let page: Page;
let origin: string;

test.beforeAll(async () => {
  [network, host] = await Promise.all([startNetwork({ providers: 0, nodes: 2 }), startExtension()]);
  origin = new URL(network.url).origin;
  await chooseChain(host, network.chain);
});
test.afterAll(async () => {
  await host?.close();
  await network?.stop();
});

const notice = () => page.locator('[data-notice="extension"]');
const runsIn = (text: string) => expect(page.locator('.device')).toContainText(text, { timeout: PATIENCE_MS });
const height = async () => Number(await page.locator('main').getAttribute('data-height'));

async function goesOn(): Promise<void> {
  const before = await height();
  await expect.poll(height, { timeout: PATIENCE_MS }).toBeGreaterThan(before);
}

test('the page offers to show the node of the extension, a person agrees twice, and it has no connection of its own from then on', async () => {
  page = await host.context.newPage();
  await countConnections(page);
  await page.clock.setSystemTime(Date.now()); // goes as the machine's does, until it is set
  await page.goto(network.url);
  await runsIn('this tab');
  await expect(notice()).toContainText('The extension of Perigee is here', { timeout: PATIENCE_MS });
  await page.screenshot({ path: test.info().outputPath('offered.png') });
  await notice().getByRole('button', { name: 'Use the extension' }).click();
  await answerPrompt(host, origin, 'Allow', async (prompt) => {
    await expect(prompt.locator('[data-access="node"]')).toBeVisible();
    await prompt.screenshot({ path: test.info().outputPath('question.png') });
  });
  await runsIn('the extension');
  await expect(page.locator('main')).toHaveAttribute('data-leading', 'false');
  await expect.poll(() => connections(page), { timeout: PATIENCE_MS }).toBe(0);
  await goesOn();
  await openView(page, 'Settings');
  await expect(page.locator('[data-extension="used"]')).toBeVisible();
  await openView(page, 'Live');
});

test('a later visit shows it without a question, and never opens a connection', async () => {
  await page.reload();
  await runsIn('the extension');
  await goesOn();
  expect(await everConnected(page)).toBe(0);
});

test('what is published here starts a node of this page, which ends when that is done', async () => {
  await drop(page, 'own.bin', Buffer.from('published beside the extension'));
  await expect(page.locator('[data-task]').first()).toHaveAttribute('data-status', 'done', { timeout: PATIENCE_MS });
  await expect(page.locator('main')).toHaveAttribute('data-leading', 'true');
  await page.clock.setSystemTime(Date.now() + KEEP_MS);
  await expect(page.locator('main')).toHaveAttribute('data-leading', 'false', { timeout: PATIENCE_MS });
  await expect.poll(() => connections(page), { timeout: PATIENCE_MS }).toBe(0);
  await openView(page, 'Live');
  await runsIn('the extension');
  await goesOn();
});

test('while the extension is paused, and when it goes away, the page runs its own node and says why', async () => {
  const popup = await host.open('popup');
  await popup.getByRole('button', { name: 'Pause' }).click();
  await page.bringToFront();
  await runsIn('this tab');
  await expect(notice()).toContainText('runs its own light node again');
  await expect(notice()).toContainText('paused');
  await goesOn();
  await popup.bringToFront();
  await expect(popup.locator(`[data-site="${origin}"]`)).toHaveAttribute('data-node', 'true');
  await popup.getByRole('button', { name: 'Resume' }).click();
  await popup.close();
  await page.bringToFront();
  await runsIn('the extension');
  await expect(notice()).toHaveCount(0);

  await (await host.worker()).evaluate(() => (chrome.runtime as unknown as { reload(): void }).reload());
  await runsIn('this tab');
  await goesOn();
  await notice().getByRole('button', { name: 'Run its own' }).click();
  await expect(notice()).toHaveCount(0);
});
