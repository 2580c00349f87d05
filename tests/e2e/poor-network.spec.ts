/** A page whose network delays, loses and reorders: it samples and retrieves, or says what did not come, and blames nobody. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import {
  chromiumObstacle,
  type DatagramFaultProxy,
  type FaultProxy,
  freePort,
  freeUdpPort,
  launchChromium,
  type Network,
  startDatagramFaultProxy,
  startFaultProxy,
  startNetwork,
  startPerigee,
  type TestBrowser,
  type TestProcess,
  webrtcObstacle,
} from '../kit/index.ts';
import { openView, sampledRows } from './page.ts';

const HOST = '127.0.0.1';
/** Chromium gathers no UDP address, so WebRTC never connects. */
const NO_UDP = '--webrtc-ip-handling-policy=disable_non_proxied_udp';

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

/** A member that others reach through proxies only. */
interface Member {
  readonly process: TestProcess;
  readonly multiaddrs: readonly string[];
  readonly datagrams: DatagramFaultProxy;
  readonly streams: FaultProxy;
}

const content = randomBytes(400_000);
let network: Network;
let blobId: string;
const members: Member[] = [];
let browser: TestBrowser | undefined;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0 });
  const file = join(network.home, 'content.bin');
  writeFileSync(file, content);
  blobId = await network.publish(file);
  for (const place of [1, 2, 3]) {
    await network.endNode(place);
    members.push(await startBehindProxies(network.nodes[place]?.home ?? ''));
  }
});
test.afterEach(async () => {
  await browser?.close();
  browser = undefined;
});
test.afterAll(async () => {
  for (const { process, datagrams, streams } of members) {
    await process.stop();
    await datagrams.close();
    await streams.close();
  }
  await network?.stop();
});

async function startBehindProxies(home: string): Promise<Member> {
  const [udp, tcp] = [await freeUdpPort(), await freePort()];
  const datagrams = await startDatagramFaultProxy({ port: udp });
  const streams = await startFaultProxy({ port: tcp });
  const announce = [`/ip4/${HOST}/udp/${datagrams.port}/webrtc-direct`, `/ip4/${HOST}/tcp/${streams.port}/ws`];
  const words = ['--role', 'da', '--chain', network.chain, '--webrtc-port', `${udp}`, '--ws-port', `${tcp}`];
  const process = startPerigee(['node', '--home', home, ...words, ...announce.flatMap((one) => ['--announce', one])]);
  const { multiaddrs } = (await process.ready()) as { multiaddrs: string[] };
  return { process, multiaddrs, datagrams, streams };
}

for (const [transport, flags] of [
  ['webrtc-direct', []],
  ['websocket', [NO_UDP]],
] as const) {
  test(`over ${transport} that delays, loses and reorders, the page samples and retrieves, and blames nobody`, async () => {
    const noWebrtc = webrtcObstacle();
    test.skip(transport === 'webrtc-direct' && noWebrtc !== undefined, noWebrtc ?? '');
    for (const { datagrams, streams } of members) {
      datagrams.set({ delayMs: 20, jitterMs: 30, loss: 0.02, repeats: 0.01 });
      streams.set({ delayMs: 20, jitterMs: 30, loss: 0.02 });
    }
    browser = await launchChromium(flags);
    const page = await browser.context.newPage();
    // a busy machine may take more than two seconds to connect by WebRTC: there is nothing else to fall back to
    if (transport === 'webrtc-direct')
      await page.addInitScript(() => Object.defineProperty(globalThis, 'WebSocket', { value: undefined }));
    const root = await (await fetch(new URL('perigee-chain.json', network.url))).json();
    const peers = [...(network.nodes[0]?.multiaddrs ?? []), ...members.flatMap(({ multiaddrs }) => multiaddrs)];
    await page.route('**/perigee-chain.json', (route) => route.fulfill({ json: { ...(root as object), peers } }));
    await page.goto(`${network.url}#${blobId}`);
    for (const verdict of await sampledRows(page, blobId)) expect(['verified', 'timeout']).toContain(verdict);
    await expect(page.locator(`[data-blob="${blobId}"]`)).toHaveAttribute('data-outcome', 'available');
    await openView(page, 'Network');
    for (const { datagrams, streams } of members) {
      const port = transport === 'websocket' ? `/tcp/${streams.port}/ws` : `/udp/${datagrams.port}/webrtc-direct`;
      await expect(page.locator(`[data-peer] .address[title*="${port}"]`)).toHaveCount(1, { timeout: 60_000 });
    }
    await openView(page, 'Blobs');
    await page
      .getByRole('button', { name: /^Retrieve/ })
      .first()
      .click();
    const sha256 = createHash('sha256').update(content).digest('hex');
    await expect(page.locator('[data-task="retrieve"] [data-sha256]')).toHaveAttribute('data-sha256', sha256, {
      timeout: 60_000,
    });
    await openView(page, 'Network');
    await expect(page.locator('[data-peer]').filter({ hasText: 'banned:' })).toHaveCount(0);
    if (transport === 'webrtc-direct') {
      const overtaken = members.reduce((sum, { datagrams }) => sum + datagrams.count.overtaken, 0);
      const lost = members.reduce((sum, { datagrams }) => sum + datagrams.count.lost, 0);
      expect(overtaken).toBeGreaterThan(0);
      expect(lost).toBeGreaterThan(0);
    }
  });
}
