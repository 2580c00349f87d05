import { posix } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { BrowserContext, Page } from 'playwright-core';
import { paintedBy } from '../scripts/lib/painted-by.mjs';
import { chromiumObstacle, launchChromium, type Network, runPerigee, startNetwork } from '../tests/kit/index.ts';
import { report } from './figure.ts';

// A person opens the page for the first time: a new profile, nothing cached, a devnet of four nodes beside it whose chain has come far since
// the header that the page trusts. Which blob is sampled is the page's choice, of those that the last blocks recorded; all are as long as blobs may be.
const OPENINGS = 10;
const RETRIEVALS = 3;
const BLOBS = 3;
const BLOB_BYTES = 32_505_852;
const TRUST_HEIGHT = 1;
/** Height from which blobs are recorded, so far above the trust root. */
const FIRST_HEIGHT = 1_010;
/** Blocks until then come as fast as they can, and later so slowly that the blobs stay among the last hundred. */
const FAST_BLOCK_MS = 10;
const SLOW_BLOCK_MS = 4_000;
const DISK_GIB = 4;
const PAGE = 'dist/pwa/index.html';
const HEAD = 'perigee:head';
const FIRST_ROW = 'perigee:first-verified-row';
const SAMPLES_DONE = 'perigee:samples-done';
const PATIENCE_MS = 60_000;
/** What a visit keeps is on disk after this, milliseconds. */
const SETTLE_MS = 1_500;

const obstacle = chromiumObstacle();
if (obstacle !== undefined) throw new Error(obstacle);

const network = await oldNetwork();
try {
  for (let i = 0; i < BLOBS; i++) await network.publish(BLOB_BYTES);
  const openings: Opening[] = [];
  for (let i = 0; i < OPENINGS; i++) openings.push(await open());
  const each = (get: (opening: Opening) => number): number[] => openings.map(get);
  report(
    'page.first_share_cold_ms',
    'ms',
    each(({ firstShareMs }) => firstShareMs),
    { budget: 1_000 },
  );
  report(
    'page.first_share_revisit_ms',
    'ms',
    each(({ revisitMs }) => revisitMs),
    { budget: 300 },
  );
  report(
    'page.samples20_ms',
    'ms',
    each(({ samplesMs }) => samplesMs),
    { budget: 200 },
  );
  report(
    'page.longest_task_ms',
    'ms',
    each(({ longestTaskMs }) => longestTaskMs),
    { budget: 50 },
  );
  report('page.retrieve32_ms', 'ms', await retrievals());
  report('page.first_load_brotli_kib', 'KiB', await sizes(openings.map(({ loaded }) => loaded)), { budget: 290 });
  report('page.first_paint_brotli_kib', 'KiB', await sizes([painted()]), { budget: 35 });
} finally {
  await network.stop();
}

/** A network whose head is far above its trust root. */
async function oldNetwork(): Promise<Network> {
  const young = await startNetwork({ blockMs: FAST_BLOCK_MS, trustHeight: TRUST_HEIGHT, daBudgetGib: DISK_GIB });
  try {
    while ((await headHeight(young)) < FIRST_HEIGHT) await new Promise((resolve) => setTimeout(resolve, 1_000));
  } finally {
    await young.stop();
  }
  const old = await young.restart({ blockMs: SLOW_BLOCK_MS });
  console.log(`the head is ${(await headHeight(old)) - TRUST_HEIGHT} heights above the trust root`);
  return old;
}

async function headHeight({ chain }: Network): Promise<number> {
  const { stdout, output } = await runPerigee(['status', '--chain', chain, '--json']);
  if (stdout === '') throw new Error(`perigee status said nothing:\n${output}`);
  return (JSON.parse(stdout) as { head: { height: number } }).head.height;
}

interface Opening {
  /** From the start of the navigation to the first verified row. */
  readonly firstShareMs: number;
  /** The same in the same profile, opened again. */
  readonly revisitMs: number;
  /** From the first verified head to the outcome of the first blob: its record, its committee, its prime, 20 rows. */
  readonly samplesMs: number;
  /** The longest task of the page's own thread that began in this time; 0 where none took more than 50 ms, which is what a browser tells of. */
  readonly longestTaskMs: number;
  /** Addresses of all files fetched until the first row, by the page and its workers. */
  readonly loaded: readonly string[];
}

async function open(): Promise<Opening> {
  const { context, close } = await launchChromium();
  try {
    await context.addInitScript(watchLongTasks);
    const page = await visit(context);
    await requireVerified(page);
    const files = () => performance.getEntriesByType('resource').map((entry) => entry.name);
    const loaded = [page.url(), ...(await page.evaluate(files))];
    for (const worker of page.workers()) loaded.push(worker.url(), ...(await worker.evaluate(files)));
    await untilMark(page, SAMPLES_DONE);
    const [head, firstShareMs, done] = [
      await markOf(page, HEAD),
      await markOf(page, FIRST_ROW),
      await markOf(page, SAMPLES_DONE),
    ];
    await page.waitForTimeout(SETTLE_MS);
    const longestTaskMs = await page.evaluate(longestTaskBetween, [head, done] as const);
    await page.close();
    const again = await visit(context);
    const revisitMs = await markOf(again, FIRST_ROW);
    console.log(
      `head ${short(head)}, first row ${short(firstShareMs)}, samples ${short(done)}, first row again ${short(revisitMs)} ms`,
    );
    const samplesMs = done - head;
    return { firstShareMs, revisitMs, samplesMs, longestTaskMs, loaded: [...new Set(loaded)] };
  } finally {
    await close();
  }
}

/** In the page, before anything else. */
function watchLongTasks(): void {
  const tasks: PerformanceEntry[] = [];
  Object.defineProperty(globalThis, 'longTasks', { value: tasks });
  new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
}

/** In the page. @param span milliseconds since the navigation began */
function longestTaskBetween([from, to]: readonly [number, number]): number {
  const { longTasks } = globalThis as unknown as { longTasks: readonly PerformanceEntry[] };
  return Math.max(
    0,
    ...longTasks.filter(({ startTime }) => startTime >= from && startTime <= to).map(({ duration }) => duration),
  );
}

/** Opens the page and waits for its first verified row. */
async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(network.url, { waitUntil: 'commit' });
  await untilMark(page, FIRST_ROW);
  return page;
}

async function untilMark(page: Page, name: string): Promise<void> {
  try {
    await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, name, { timeout: PATIENCE_MS });
  } catch (cause) {
    const shown = await page.locator('body').innerText();
    throw new Error(`the page did not come to ${name} in ${PATIENCE_MS / 1_000} s; it shows:\n${shown}`, { cause });
  }
}

function markOf(page: Page, name: string): Promise<number> {
  return page.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime ?? Number.NaN, name);
}

/** The row counts only if the header and the blob's record were verified in this load too. */
async function requireVerified(page: Page): Promise<void> {
  for (const step of ['Block', 'Record', 'Commitment', 'First row']) {
    await page.locator('.boot li[data-done="true"]', { hasText: step }).waitFor({ timeout: PATIENCE_MS });
  }
  await page.locator('.blob .fact', { hasText: 'Size' }).filter({ hasText: 'MiB' }).first().waitFor({ timeout: PATIENCE_MS });
}

/** From the press of the button to the whole blob, fetched, decoded, compared and written, in one page. */
async function retrievals(): Promise<number[]> {
  const { context, close } = await launchChromium();
  try {
    const page = await visit(context);
    await untilMark(page, SAMPLES_DONE);
    await page.getByRole('navigation').getByRole('link', { name: 'Blobs', exact: true }).click(); // where what goes on is shown
    await page.locator('.blob button:enabled', { hasText: /^Retrieve/ }).waitFor({ timeout: PATIENCE_MS });
    const times: number[] = [];
    for (let i = 1; i <= RETRIEVALS; i++) times.push(await page.evaluate(pressAndWait, [i, PATIENCE_MS] as const));
    return times;
  } finally {
    await close();
  }
}

/** In the page. @param count of retrievals that are done then */
function pressAndWait([count, patienceMs]: readonly [number, number]): Promise<number> {
  const button = [...document.querySelectorAll('.blob button')].find(({ textContent }) => textContent?.startsWith('Retrieve'));
  if (!(button instanceof HTMLButtonElement)) throw new Error('the page has no button that retrieves');
  const start = performance.now();
  button.click();
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const tasks = [...document.querySelectorAll('[data-task="retrieve"]')].map((task) => task.getAttribute('data-status'));
      if (tasks.includes('failed')) reject(new Error(document.querySelector('[data-task]')?.textContent ?? 'it failed'));
      else if (tasks.filter((status) => status === 'done').length >= count) resolve(performance.now() - start);
      else if (performance.now() - start > patienceMs) reject(new Error(`no retrieval was done in ${patienceMs / 1_000} s`));
      else setTimeout(look, 5);
    };
    look();
  });
}

/** Addresses of what holds up the first paint: as the size gate of `npm test` counts it, with what scripts import at once. */
function painted(): string[] {
  return paintedBy(PAGE).map((file) => new URL(posix.relative(posix.dirname(PAGE), file), network.url).href);
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

function short(ms: number): string {
  return ms.toFixed(0);
}
