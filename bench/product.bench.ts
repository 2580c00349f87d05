import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { chromiumObstacle, launchChromium, startNetwork } from '../tests/kit/index.ts';
import { report } from './figure.ts';

// What people meet, beside a devnet of four nodes that records a blob every few seconds: the popup of the extension, and the page whose leading tab is closed.
const OPENINGS = 20;
const HAND_OVERS = 10;
const PUBLISH_EVERY_S = 5;
const POPUP = 'perigee:popup';
/** What the page marks when its own light node has verified a head. */
const HEAD = 'perigee:head';
/** What this bench marks in a tab: it leads, and its first connection is there. */
const LEADS = 'bench:leads';
const CONNECTED = 'bench:connected';
/** When a tab was closed, by its own clock: kept for the tab that goes on. */
const CLOSED = 'bench/closed';
const PATIENCE_MS = 60_000;
/** A tab that follows has shown itself and been shown something by then, milliseconds. */
const SETTLE_MS = 2_000;

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
}
try {
  await handOvers();
} finally {
  await network.stop();
}

/** A tab after the other: each follows, and leads when the one before it is closed. */
async function handOvers(): Promise<void> {
  const browser = await launchChromium();
  try {
    await browser.context.addInitScript(markTab, [LEADS, CONNECTED, CLOSED] as const);
    let leading = await openTab(browser.context);
    await untilMark(leading, HEAD);
    const times: number[] = [];
    for (let i = 0; i < HAND_OVERS; i++) {
      const next = await openTab(browser.context);
      await next.locator('main[data-leading="false"] .height[data-height]').waitFor({ timeout: PATIENCE_MS });
      await next.waitForTimeout(SETTLE_MS);
      if (await next.evaluate((mark) => performance.getEntriesByName(mark).length > 0, CONNECTED)) {
        throw new Error('a tab that follows has a connection of its own');
      }
      await leading.close({ runBeforeUnload: false });
      await untilMark(next, HEAD);
      const [leads, connected, head] = await next.evaluate(sinceClosed, [[LEADS, CONNECTED, HEAD], CLOSED] as const);
      console.log(
        `the tab leads ${leads?.toFixed(0)}, is connected ${connected?.toFixed(0)}, has a verified head ${head?.toFixed(0)} ms after the other was closed`,
      );
      times.push(head ?? Number.NaN);
      leading = next;
    }
    report('product.handover_ms', 'ms', times, { budget: 1_000 });
  } finally {
    await browser.close();
  }
}

async function openTab(browser: BrowserContext): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(network.url);
  return page;
}

async function untilMark(page: Page, name: string): Promise<void> {
  await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, name, { timeout: PATIENCE_MS });
}

/** In each tab, before anything else. */
function markTab([leads, connected, closed]: readonly [string, string, string]): void {
  const once = (name: string): void => {
    if (performance.getEntriesByName(name).length === 0) performance.mark(name);
  };
  new MutationObserver(() => {
    if (document.querySelector('main')?.dataset.leading === 'true') once(leads);
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-leading'] });
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, given) {
      const connection = new target(...(given as []));
      connection.addEventListener('connectionstatechange', () => {
        if (connection.connectionState === 'connected') once(connected);
      });
      return connection;
    },
  });
  addEventListener('pagehide', () => localStorage.setItem(closed, `${performance.timeOrigin + performance.now()}`));
}

/** In the tab that goes on. @returns when each was marked, milliseconds since the other tab was closed */
function sinceClosed([names, closed]: readonly [readonly string[], string]): number[] {
  const closedAt = Number(localStorage.getItem(closed)) - performance.timeOrigin;
  return names.map((name) => (performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN) - closedAt);
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
