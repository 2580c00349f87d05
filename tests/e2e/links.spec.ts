import { FOLLOWED_BLOCKS } from '@perigee/wire';
import { expect, type Page, test } from '@playwright/test';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { openView, sampledRows } from './page.ts';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let blobId: string;
let trust: string;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
  blobId = await network.publish(70_000);
  const root = (await (await fetch(new URL('perigee-chain.json', network.url))).json()) as {
    chainId: string;
    height: number;
    headerHash: string;
    peers: string[];
  };
  const peers = root.peers.filter((peer) => peer.includes('webrtc-direct') || peer.includes('/ws')).slice(0, 4);
  trust = `trust=${root.chainId}:${root.height}:${root.headerHash}${peers.map((peer) => `&peer=${peer}`).join('')}`;
});
test.afterAll(async () => {
  await network?.stop();
});

/** How long what is said must stay, milliseconds: the parts of the page that come late take nothing back. */
const STAYS_MS = 3_000;

const refusal = (page: Page) => page.locator('.card.open [role="status"]');
const request = (page: Page) => page.locator('.trust-request');

/** Follows a link in the page that is open, as a click does. */
async function follow(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

test('a link opens its blob, and a wrong one says what is wrong with it', async ({ page }) => {
  await page.goto(`${network.url}#${blobId}`);
  await sampledRows(page, blobId);
  await follow(page, `#/blobs&${blobId.slice(0, -1)}`);
  await expect(refusal(page)).toContainText('this text has 65');
  await follow(page, `#/blobs&01${blobId.slice(2)}`);
  await expect(refusal(page)).toContainText('version 01');

  const field = page.getByRole('textbox', { name: 'Commitment, blob id or link' });
  await field.fill(`00${'ab'.repeat(32)}`);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await expect(refusal(page)).toContainText('holds no such blob'); // the chain proved that it has none
  await field.fill(`${network.url}#${blobId}`);
  await field.press('Enter');
  await expect(refusal(page)).not.toHaveClass('obstacle');
  expect(new URL(page.url()).hash).toBe(`#/blobs&${blobId}`);
});

test('a link opens its blob also for who was here before, and a reload opens it again', async ({ page, context }) => {
  const quick = await startNetwork({ providers: 0, blockMs: 100, nodes: 2 });
  try {
    const linked = await quick.publish(5_000);
    await quick.blocks(FOLLOWED_BLOCKS + 1); // older than what a page samples by itself
    const newest = await quick.publish(5_000);
    await page.goto(quick.url);
    await sampledRows(page, newest);
    await expect(page.locator('.recent li')).toHaveCount(1);
    await page.waitForTimeout(1_000); // what is kept is written beside
    await page.close(); // one tab at a time uses what is kept
    for (let visit = 0; visit < 2; visit++) {
      const again = await context.newPage();
      await again.goto(`${quick.url}#${linked}`);
      await sampledRows(again, linked);
      await again.reload();
      await sampledRows(again, linked);
      expect(new URL(again.url()).hash).toBe(`#${linked}`);
      await openView(again, 'Blobs');
      await expect(refusal(again)).toContainText('Opened');
      expect(new URL(again.url()).hash).toBe(`#/blobs&${linked}`);
      await again.close();
    }
  } finally {
    await quick.stop();
  }
});

test('a link at load that is wrong is said to be so, at the top of the page, and stays so', async ({ page }) => {
  for (const [what, hash, words] of [
    ['is none', 'nonsense', 'has only the digits'],
    ['asks for trust in nothing', 'trust=foo', 'foo'],
    ['names a peer without an address', `00${'ab'.repeat(32)}&peer=nowhere`, 'is no address of a peer'],
    ['names a blob that nobody has', `00${'ab'.repeat(32)}`, 'holds no such blob'],
  ] as const) {
    await test.step(`one that ${what}`, async () => {
      await page.goto('about:blank'); // from page to page of one address nothing is loaded
      await page.goto(`${network.url}#${hash}`);
      await expect(page.locator('.lead')).toContainText(words);
      await expect(page.locator('.events')).toBeVisible();
      await page.waitForTimeout(STAYS_MS);
      await expect(page.locator('.lead')).toContainText(words);
      await openView(page, 'Blobs');
      await expect(page.locator('#lead-title')).not.toBeEmpty();
      await expect(refusal(page)).toContainText(words);
    });
  }
});

test('a link to another chain is believed only when a person has agreed, and as long as the tab is open', async ({ page }) => {
  await page.goto(`${network.url}#${trust}&${blobId}`);
  await expect(request(page)).toContainText(trust.split(':')[2]?.slice(0, 64) ?? '');
  await expect(page.locator('.banner.trusted')).toHaveCount(0);
  await request(page).getByRole('button').first().click(); // stay with the page's own chain
  await expect(request(page)).toHaveCount(0);
  expect(new URL(page.url()).hash).toBe('');

  await follow(page, `#${blobId}&${trust}`);
  await request(page).getByRole('button').last().click();
  await expect(page.locator('.banner.trusted')).toBeVisible();
  await sampledRows(page, blobId);
  expect(new URL(page.url()).hash).toContain('trust=');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy link' }).first().click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toContain(`#${blobId}&${trust.split('&')[0]}&peer=`);

  await page.reload();
  await expect(page.locator('.banner.trusted')).toBeVisible();
  await sampledRows(page, blobId);
  await expect(request(page)).toHaveCount(0);
  await page.locator('.banner.trusted').getByRole('button').click();
  await expect(page.locator('.banner.trusted')).toHaveCount(0);
  await expect(page.locator('.height')).toHaveAttribute('data-height', /\d+/);
  expect(new URL(page.url()).hash).toBe('');
});

test('a link whose header is not that of its chain shows nothing as verified', async ({ page }) => {
  const [id, height] = trust.split(':');
  await page.goto(`${network.url}#${id}:${height}:${'ab'.repeat(32)}&${trust.split('&').slice(1).join('&')}`);
  await request(page).getByRole('button').last().click();
  await expect(page.locator('.banner.trusted')).toBeVisible();
  await expect(page.getByRole('alert').first()).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('.height')).toHaveCount(0);
});
