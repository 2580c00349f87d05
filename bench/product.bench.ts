import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { chromiumObstacle, launchChromium, startNetwork } from '../tests/kit/index.ts';
import { report } from './figure.ts';

// What people meet: the extension, beside a devnet of four nodes that records a blob every few seconds.
const OPENINGS = 20;
const PUBLISH_EVERY_S = 5;
const POPUP = 'perigee:popup';
const PATIENCE_MS = 60_000;

const obstacle = chromiumObstacle();
if (obstacle !== undefined) throw new Error(obstacle);

const network = await startNetwork({ publishEvery: PUBLISH_EVERY_S });
const { context, close } = await launchChromium([], resolve('dist/extension'));
try {
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker', { timeout: PATIENCE_MS }));
  const base = `chrome-extension://${new URL(worker.url()).host}`;
  await chooseChain(context, base);
  await openPopup(context, base); // the first one compiles its scripts
  const times: number[] = [];
  for (let i = 0; i < OPENINGS; i++) times.push(await openPopup(context, base));
  report('product.popup_ms', 'ms', times, { budget: 100 });
} finally {
  await close();
  await network.stop();
}

/** Has a person choose the devnet, and waits until it is verified and kept for the next popup. */
async function chooseChain(browser: BrowserContext, base: string): Promise<void> {
  const options = await browser.newPage();
  await options.goto(`${base}/options.html`);
  await options.getByLabel('Chain file or trust link').fill(readFileSync(network.chain, 'utf8'));
  await options.getByRole('button', { name: 'Read' }).click();
  await options.getByRole('button', { name: 'Believe it' }).click();
  await options.goto(`${base}/popup.html`);
  await options.locator('.lead.good, .lead.warn').waitFor({ timeout: PATIENCE_MS });
  await options.close();
}

/** @returns from the start of the navigation to the frame that shows a verified block, milliseconds */
async function openPopup(browser: BrowserContext, base: string): Promise<number> {
  const popup = await browser.newPage();
  await popup.goto(`${base}/popup.html`);
  await popup.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, POPUP, { timeout: PATIENCE_MS });
  const ms = await popup.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime ?? Number.NaN, POPUP);
  await popup.locator('.lead.good, .lead.warn').waitFor({ timeout: PATIENCE_MS });
  await popup.close();
  return ms;
}
