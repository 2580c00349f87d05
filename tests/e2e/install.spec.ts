/** The page lies on the device: it starts without its server, tells of a newer build, and of another chain at its address (issue 8, Must show 1). */
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { type PageHost, startPageHost } from './page-host.ts';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');
test.use({ serviceWorkers: 'allow' });

let network: Network;
let host: PageHost;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
});
test.afterAll(async () => {
  await network?.stop();
});
test.beforeEach(async () => {
  host = await startPageHost(network.chain, '/light/node/');
});
test.afterEach(async () => {
  await host?.stop();
});

const shownHeight = async (page: Page) => Number(await page.locator('.height').getAttribute('data-height'));
const notice = (page: Page, name: string) => page.locator(`[data-notice="${name}"]`);

/** What is verified is kept from time to time, and when the node rests. @returns the height that is kept at least */
async function restedAt(page: Page): Promise<number> {
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.locator('#lead-title')).toHaveText('Paused');
  const leading = async () =>
    (await navigator.locks.query()).held?.filter(({ name }) => name?.startsWith('perigee/node/')).length;
  await expect.poll(() => page.evaluate(leading)).toBe(0); // given back when the node rests, which is after the word
  return shownHeight(page);
}

async function visited(page: Page): Promise<void> {
  await page.goto(host.url);
  await expect(page.locator('main')).toHaveAttribute('data-kept', 'true', { timeout: 60_000 });
  await expect(page.locator('.height')).toHaveAttribute('data-height', /\d/);
}

test('starts from a folder of a host without headers, isolated from the second visit on, and without that host', async ({
  page,
}) => {
  await visited(page);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  await page.reload();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(page.locator('.chip[data-freshness="current"]')).toBeVisible({ timeout: 30_000 });

  const height = await restedAt(page);
  await host.stop();
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.locator('.height')).toHaveAttribute('data-height', /\d/);
  await expect.poll(() => shownHeight(page)).toBeGreaterThanOrEqual(height);
  await expect(page.locator('#lead-title')).toHaveText('This device is offline');
  await expect(page.locator('.chip[data-freshness]')).toContainText('as of');
  await page.goto(`${host.url}#${'00'.repeat(33)}`); // any address of it
  await expect(page.locator('h1')).toHaveText('Perigee');
});

test('a newer build waits until it is asked for, in every tab', async ({ page, context }) => {
  await visited(page);
  const other = await context.newPage();
  await other.goto(host.url);
  host.rebuild('2');
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await expect(notice(page, 'update')).toContainText('A newer version');
  await other.reload(); // the former build is served while it runs anywhere
  await expect(other.locator('#app')).not.toHaveAttribute('data-build');
  await expect(notice(other, 'update')).toBeVisible({ timeout: 30_000 });
  await notice(page, 'update').getByRole('button').click();
  await expect(page.locator('#app')).toHaveAttribute('data-build', '2');
  await expect(notice(other, 'update')).toContainText('has taken the place of this page');
  await notice(other, 'update').getByRole('button').click();
  await expect(other.locator('#app')).toHaveAttribute('data-build', '2');
  await expect(other.locator('.height')).toHaveAttribute('data-height', /\d/);
});

test('can be installed, and takes what other programs hand over', async ({ page }) => {
  await page.addInitScript(() => {
    // a browser gives this only to an installed page
    const bytes = new File(['no evidence'], 'some.quote');
    const setConsumer = (take: (launch: unknown) => void) => take({ files: [{ getFile: async () => bytes }] });
    if (location.hash === '#launched') Object.defineProperty(globalThis, 'launchQueue', { value: { setConsumer } });
  });
  await visited(page);
  const devtools = await page.context().newCDPSession(page);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
  const { errors } = await devtools.send('Page.getAppManifest');
  expect(errors).toEqual([]);

  const shared = await page.evaluate(async () => {
    const form = new FormData();
    form.append('file', new File(['shared with the page'], 'läßt.txt'));
    return (await fetch('./share', { method: 'POST', body: form })).url;
  });
  await page.goto(shared);
  await expect(page.locator('.publish .chosen')).toContainText('läßt.txt');
  expect(new URL(page.url()).search).toBe('');
  await page.goto(shared); // what was taken up is gone
  await expect(page.locator('#lead-title')).toHaveText('This cannot be opened');

  await page.goto(`${host.url}?open=${encodeURIComponent(`web+perigee:${'01'.repeat(20)}`)}`);
  await expect(page.locator('.lead')).toContainText('a part of it is missing');
  await page.goto(`${host.url}?again#launched`);
  await expect(page.locator('.attestation')).toContainText('This is no evidence that can be read');
});

// the last one: it ends the network
test('another chain at the same address is announced, and the former stays readable', async ({ page }) => {
  await visited(page);
  const height = await restedAt(page);
  const former = JSON.parse(readFileSync(network.chain, 'utf8')) as { chainId: string };
  const second = await startNetwork({ providers: 0, nodes: 1 });
  try {
    host.chainFile = readFileSync(second.chain, 'utf8');
    const { chainId } = JSON.parse(host.chainFile) as { chainId: string };
    await page.reload();
    await expect(page.locator('.chain')).toContainText(chainId);
    await expect(notice(page, 'earlier-chain')).toContainText(former.chainId);
    await network.kill();
    await notice(page, 'earlier-chain').getByRole('button', { name: 'Show it' }).click();
    await expect(page.locator('.chain')).toContainText(former.chainId);
    await expect.poll(() => shownHeight(page)).toBeGreaterThanOrEqual(height);
    await notice(page, 'earlier-chain').getByRole('button', { name: 'Back' }).click();
    await expect(page.locator('.chain')).toContainText(chainId);
    await notice(page, 'earlier-chain').getByRole('button', { name: 'Forget it' }).click();
    await expect(notice(page, 'earlier-chain')).toHaveCount(0);
  } finally {
    await second.stop();
  }
});
