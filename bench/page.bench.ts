import { brotliCompressSync, constants } from 'node:zlib';
import type { Page } from 'playwright-core';
import { chromiumObstacle, launchChromium, startNetwork } from '../tests/kit/index.ts';
import { report } from './figure.ts';

// A person opens the page for the first time: a new profile, nothing cached, a blob of one MiB on a devnet of four nodes beside it.
const OPENINGS = 7;
const BLOB_BYTES = 1024 * 1024;
const FIRST_ROW = 'perigee:first-verified-row';
const PATIENCE_MS = 30_000;

const obstacle = chromiumObstacle();
if (obstacle !== undefined) throw new Error(obstacle);

const network = await startNetwork();
try {
  await network.publish(BLOB_BYTES);
  const openings: Opening[] = [];
  for (let i = 0; i < OPENINGS; i++) openings.push(await open());
  report(
    'page.first_share_cold_ms',
    'ms',
    openings.map(({ firstShareMs }) => firstShareMs),
    { budget: 1_000 },
  );
  report('page.first_load_brotli_kib', 'KiB', await sizes(openings.map(({ loaded }) => loaded)), { budget: 290 });
  report('page.first_paint_brotli_kib', 'KiB', await sizes(openings.map(({ painted }) => painted)), { budget: 35 });
} finally {
  await network.stop();
}

interface Opening {
  /** From the start of the navigation to the first verified row. */
  readonly firstShareMs: number;
  /** Addresses of all files fetched until then, by the page and its workers. */
  readonly loaded: readonly string[];
  /** Those of them that hold up the first paint. */
  readonly painted: readonly string[];
}

async function open(): Promise<Opening> {
  const { context, close } = await launchChromium();
  try {
    const page = await context.newPage();
    await page.goto(network.url, { waitUntil: 'commit' });
    await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, FIRST_ROW, { timeout: PATIENCE_MS });
    await requireVerified(page);
    const firstShareMs = await page.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime ?? Number.NaN, FIRST_ROW);
    const files = () => performance.getEntriesByType('resource').map((entry) => entry.name);
    const loaded = [page.url(), ...(await page.evaluate(files))];
    for (const worker of page.workers()) loaded.push(worker.url(), ...(await worker.evaluate(files)));
    const painted = await page
      .locator('script[src], link[rel=stylesheet]')
      .evaluateAll((tags) => tags.map((tag) => (tag instanceof HTMLScriptElement ? tag.src : (tag as HTMLLinkElement).href)));
    return { firstShareMs, loaded: [...new Set(loaded)], painted: [page.url(), ...painted] };
  } finally {
    await close();
  }
}

/** The row counts only if the header and the blob's record were verified in this load too. */
async function requireVerified(page: Page): Promise<void> {
  for (const step of ['Block', 'Record', 'Commitment', 'First row']) {
    await page.locator('.boot li[data-done="true"]', { hasText: step }).waitFor({ timeout: PATIENCE_MS });
  }
  await page.locator('.blob .fact', { hasText: 'Size' }).filter({ hasText: 'MiB' }).first().waitFor({ timeout: PATIENCE_MS });
}

/** KiB of each list of files, as a server that compresses them best would send them. */
async function sizes(lists: readonly (readonly string[])[]): Promise<number[]> {
  const known = new Map<string, number>();
  for (const url of lists.flat()) {
    if (known.has(url)) continue;
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
    known.set(url, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length / 1024);
  }
  return lists.map((list) => list.reduce((sum, url) => sum + (known.get(url) ?? 0), 0));
}
