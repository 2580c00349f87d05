/** What a page says of who lies about the chain, and of a clock that is wrong (issue 3, Must show 6). */
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { buildTestPrograms } from '../../scripts/build/test-programs.mjs';
import { chromiumObstacle, type Network, startAdversaryProcess, startNetwork } from '../kit/index.ts';
import { openView } from './page.ts';

const HOUR_MS = 3_600_000;
/** A head is shown as old after 30 seconds. */
const OLD_MS = 32_000;

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let root: { readonly chainId: string; readonly height: number; readonly headerHash: string; readonly time: string };

test.beforeAll(async () => {
  await buildTestPrograms();
  network = await startNetwork({ providers: 0 });
  root = JSON.parse(readFileSync(network.chain, 'utf8'));
});
test.afterAll(async () => {
  await network?.stop();
});

/** The page comes with the chain's own root, and these peers. */
async function withPeers(page: Page, peers: readonly string[]): Promise<void> {
  await page.route('**/perigee-chain.json', (route) => route.fulfill({ json: { ...root, peers } }));
}

/** Addresses that a page can dial. */
function dialable(multiaddrs: readonly string[]): string[] {
  return multiaddrs.filter((one) => one.includes('/ws') || one.includes('/webrtc-direct'));
}

const lead = (page: Page) => page.locator('#lead-title');
const blamed = (page: Page) => page.locator('[data-peer]').filter({ hasText: 'banned:' });
const height = async (page: Page) => Number(await page.locator('.height').getAttribute('data-height'));

test('a node with its own genesis is refused, by the root of the page and by a link', async ({ browser, page }) => {
  const liar = await startAdversaryProcess({
    home: network.home,
    chain: network.chain,
    fault: { kind: 'ownGenesis' },
    friends: [],
  });
  const peers = dialable(liar.multiaddrs);
  await withPeers(page, peers);
  await page.goto(network.url);
  await expect(page.getByRole('alert').first()).toContainText(/WRONG_CHAIN|TRUST_ROOT/);
  await expect(page.locator('.height[data-height]')).toHaveCount(0);

  const link = `trust=${root.chainId}:${root.height}:${root.headerHash}`;
  const linked = await page.context().newPage();
  await linked.goto(`${network.url}#${link}${peers.map((peer) => `&peer=${peer}`).join('')}`);
  await linked.locator('.trust-request').getByRole('button').last().click();
  await expect(linked.locator('.banner.trusted')).toBeVisible();
  await expect(linked.getByRole('alert').first()).toContainText(/WRONG_CHAIN|TRUST_ROOT/);
  await expect(linked.locator('.height[data-height]')).toHaveCount(0);

  // among honest ones it is the only one that is blamed, and the chain is shown
  const honest = await browser.newPage(); // a tab of the same context would share the light node
  await withPeers(honest, [...peers, ...network.nodes.flatMap(({ multiaddrs }) => dialable(multiaddrs))]);
  await honest.goto(network.url);
  await expect(honest.locator('main')).toHaveAttribute('data-phase', 'live');
  expect(await height(honest)).toBeGreaterThanOrEqual(root.height);
  await openView(honest, 'Network');
  await expect(blamed(honest)).toHaveCount(1);
  await expect(blamed(honest)).toHaveAttribute('data-peer', liar.peerId);
  await honest.close();
  await liar.process.stop();
});

for (const [state, sign] of [
  ['ahead', 1],
  ['behind', -1],
] as const) {
  test(`a clock that is one hour ${state} is said to be so, and nobody is blamed for it`, async ({ page }) => {
    await page.clock.setSystemTime(Date.now() + sign * HOUR_MS);
    await page.goto(network.url);
    if (state === 'ahead') {
      await expect(lead(page)).toHaveText(/^Your clock is .* ahead$/);
      await expect(page.locator('.chip[data-freshness]')).toHaveAttribute('data-freshness', 'stale');
      await expect(page.locator('.card.head')).toContainText(/(59|60) min ahead|1 h( 0 min)? ahead/);
    } else {
      await expect(page.getByRole('alert').first()).toContainText('The chain is ahead of your clock');
      await expect(page.locator('.height[data-height]')).toHaveCount(0);
    }
    await openView(page, 'Network');
    await expect(blamed(page)).toHaveCount(0);
  });
}

test('an eclipse by peers that show an old head is shown as such', async ({ browser, page }) => {
  const old = root.height + 2;
  const earlier = await browser.newPage(); // the chain has to be there first
  await earlier.goto(network.url);
  await expect.poll(() => height(earlier), { timeout: 60_000 }).toBeGreaterThanOrEqual(old);
  await earlier.close();
  const liars = [];
  for (const place of [1, 2, 3]) liars.push(await network.corrupt(place, { kind: 'oldHead', height: old }));
  await withPeers(page, dialable(liars.flatMap(({ multiaddrs }) => multiaddrs)));
  await page.clock.setSystemTime(Date.now()); // from the page's first line on: it goes as the machine's does, until it is set
  await page.goto(network.url);
  await expect(page.locator('.height')).toHaveAttribute('data-height', `${old}`);
  await page.clock.setSystemTime(Math.max(Date.now(), Date.parse(root.time) + OLD_MS));
  await expect(lead(page)).toHaveText(new RegExp(`^No block after ${old} since`), { timeout: 60_000 });
  await expect(page.locator('.chip[data-freshness]')).toHaveAttribute('data-freshness', 'stale');
  await expect(page.locator('.lead')).toContainText('eclipse');
  // one of them may just be dialled again
  await expect(page.locator('main')).toHaveAttribute('data-peers', '3');

  // one honest peer is enough to see that there is more
  const free = await browser.newPage();
  await free.goto(network.url);
  await expect(free.locator('.height')).toHaveAttribute('data-height', /\d/);
  await expect.poll(() => height(free)).toBeGreaterThan(old);
  await expect(free.locator('.chip[data-freshness]')).not.toHaveAttribute('data-freshness', 'stale');
  await free.close();
});
