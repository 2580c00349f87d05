import { expect, test } from '@playwright/test';
import { chromiumObstacle, denoObstacle, launchChromium, type Network, startNetwork, testDeno } from '../kit/index.ts';
import { collectComplaints, openView, sampledRows } from './page.ts';

const MIB = 1024 * 1024;
/** Chromium gathers no UDP address, so WebRTC never connects; WebTransport has no need of any. */
const NO_WEBRTC = '--webrtc-ip-handling-policy=disable_non_proxied_udp';

const obstacle = chromiumObstacle() ?? denoObstacle();
test.skip(obstacle !== undefined, obstacle ?? '');

let network: Network;
test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2, env: { PERIGEE_WEBTRANSPORT_PORT: '0', PERIGEE_DENO: testDeno() } });
});
test.afterAll(async () => {
  await network?.stop();
});

test('a page samples a blob over WebTransport from nodes that listen for it', async () => {
  for (const { multiaddrs } of network.nodes) {
    const [address] = multiaddrs.filter((multiaddr) => multiaddr.includes('/webtransport'));
    expect(address).toMatch(
      /^\/ip4\/127\.0\.0\.1\/udp\/\d+\/quic-v1\/webtransport\/certhash\/u[\w-]+\/certhash\/u[\w-]+\/p2p\/\w+$/,
    );
  }
  const blobId = await network.publish(MIB);
  const browser = await launchChromium([NO_WEBRTC]);
  try {
    const page = await browser.context.newPage();
    const complaints = collectComplaints(page);
    await page.goto(network.url);
    const verdicts = await sampledRows(page, blobId);
    expect(verdicts).toHaveLength(20);
    expect(new Set(verdicts)).toEqual(new Set(['verified']));
    await expect(page.locator('tr[data-row][data-transport="webtransport"]')).toHaveCount(20);
    await openView(page, 'Network');
    const transports = await page
      .locator('[data-peer]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-transport')));
    expect(new Set(transports)).toEqual(new Set(['webtransport']));
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
  }
});
