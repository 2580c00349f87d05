import { expect, test } from '@playwright/test';
import { chromiumObstacle, launchChromium, type Network, startNetwork, type TestBrowser, webrtcObstacle } from '../kit/index.ts';
import { collectComplaints, countMainThreadWasm, openView, sampledRows } from './page.ts';

const MIB = 1024 * 1024;
/** Chromium gathers no UDP address, so WebRTC never connects: what a firewall without UDP does to it. */
const NO_UDP = '--webrtc-ip-handling-policy=disable_non_proxied_udp';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let blobId: string;
let browser: TestBrowser | undefined;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0 });
  blobId = await network.publish(4 * MIB);
});
test.afterEach(async () => {
  await browser?.close();
  browser = undefined;
});
test.afterAll(async () => {
  await network?.stop();
});

test('a 4 MiB blob published by the command line is verified in a new profile, over webrtc-direct, in a worker', async () => {
  const noWebrtc = webrtcObstacle();
  test.skip(noWebrtc !== undefined, noWebrtc ?? '');
  expect(new Set(network.pids).size).toBeGreaterThanOrEqual(4);

  browser = await launchChromium();
  const page = await browser.context.newPage();
  const complaints = collectComplaints(page);
  const wasmUses = await countMainThreadWasm(page);
  await page.goto(network.url);

  const verdicts = await sampledRows(page, blobId);
  expect(verdicts).toHaveLength(20);
  expect(new Set(verdicts)).toEqual(new Set(['verified']));
  await expect(page.locator('.blob')).toContainText('4 MiB');

  await expect(page.locator('tr[data-row][data-transport="webrtc-direct"]')).toHaveCount(20);

  // each row came over a connection whose address is a webrtc-direct one
  await openView(page, 'Network');
  const peers = await page
    .locator('[data-peer]')
    .evaluateAll((rows) =>
      rows.map((row) => [row.getAttribute('data-transport'), row.querySelector('.address')?.getAttribute('title') ?? '']),
    );
  expect(peers.length).toBeGreaterThanOrEqual(4);
  for (const [transport, address] of peers) {
    expect(transport).toBe('webrtc-direct');
    expect(address).toMatch(/^\/ip4\/127\.0\.0\.1\/udp\/\d+\/webrtc-direct\/certhash\//);
  }

  // the kernel was loaded by the verify workers, and this thread has run no WebAssembly at all
  const workers = page.workers().filter((worker) => worker.url().includes('/assets/verify.job-')); // another one keeps files
  expect(workers.length).toBeGreaterThan(0);
  for (const worker of workers) {
    const loaded = await worker.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name));
    expect(loaded.filter((url) => /\/codec\.\w+-.*\.wasm$/.test(url))).toHaveLength(1);
  }
  expect(await wasmUses()).toBe(0);
  expect(await page.evaluate(() => performance.getEntriesByName('perigee:first-verified-row').length)).toBe(1);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(complaints).toEqual([]);
});

test('where WebRTC cannot connect, rows come over WebSocket and the page says so', async () => {
  browser = await launchChromium([NO_UDP]);
  const page = await browser.context.newPage();
  await page.goto(network.url);
  expect(new Set(await sampledRows(page, blobId))).toEqual(new Set(['verified']));
  await expect(page.locator('tr[data-row]:not([data-transport="websocket"])')).toHaveCount(0);
  await openView(page, 'Network');
  await expect(page.locator('.fallback').first()).toContainText('WebSocket, because');
});

test('a browser without WebRTC gets its rows over WebSocket, and is told why', async ({ page }) => {
  const complaints = collectComplaints(page);
  await page.addInitScript(() => Object.defineProperty(globalThis, 'RTCPeerConnection', { value: undefined }));
  await page.goto(network.url);
  expect(new Set(await sampledRows(page, blobId))).toEqual(new Set(['verified']));
  await openView(page, 'Network');
  await expect(page.getByText('This browser offers no WebRTC')).toBeVisible();
  await expect(page.locator('.fallback').first()).toContainText('WebSocket, because');
  expect(complaints).toEqual([]);
});
