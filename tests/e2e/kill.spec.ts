/** Tabs that are killed inside writes of their store: nothing that was said to be kept is lost, and the page goes on by itself (issue 3, Must show 5). */
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect as base, type Page, test } from '@playwright/test';
import { readRecords } from '../../packages/sampler/src/store/seal.ts';
import { buildTestPrograms } from '../../scripts/build/test-programs.mjs';
import {
  chromiumObstacle,
  createRandom,
  launchChromium,
  type Network,
  type PageCrash,
  PageCrashes,
  type Random,
  readStored,
  type Stored,
  startNetwork,
  type TestBrowser,
  type WritePoint,
} from '../kit/index.ts';
import { drop, openView, sampledRows } from './page.ts';

/** Kills come from inside writes, not by the clock: a busy machine may take its time. */
const expect = base.configure({ timeout: 60_000 });
const LONG = process.env.PERIGEE_LONG === '1';
const ROUND_MS = 120_000;
/** A step that does not come by then: the next one of whatever write is taken. */
const PATIENCE_MS = 15_000;
const SEAL_BYTES = 8;
/** Large enough that its upload is under way when the tab is killed. */
const UPLOAD_BYTES = 8_000_000;

const FILE_POINTS: readonly WritePoint[] = ['truncate', 'write', 'flush'];
const VALUE_POINTS: readonly WritePoint[] = ['put', 'commit'];
/** Where the kills fall, in turn. */
const TARGETS = [
  { points: FILE_POINTS, prefix: 'rows-' },
  { points: VALUE_POINTS, prefix: 'verdict-' },
  { points: FILE_POINTS, prefix: 'evidence-' },
  { points: VALUE_POINTS, prefix: 'header' },
];
const OUTCOMES: Readonly<Record<string, string>> = {
  available: 'available',
  inconclusive: 'not decided',
  badEncoding: 'wrongly coded',
};

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

let network: Network;
let badBlob: string;
let goodBlob: string;
const content = randomBytes(400_000);
let browser: TestBrowser | undefined;

test.beforeAll(async () => {
  await buildTestPrograms();
  // one member has so much stake that its word suffices: it has a blob recorded that is no codeword, so that there is evidence to keep
  network = await startNetwork({ providers: 0, stakes: [1, 1, 1, 97], publishEvery: 3 }); // something new to sample, again and again
  const liar = await network.corrupt(3, { kind: 'wrongCoding', redundancy: 4, accountKey: network.account });
  badBlob = liar.blobId ?? '';
  const file = join(network.home, 'good.bin');
  writeFileSync(file, content);
  goodBlob = await network.publish(file);
});
test.afterEach(async () => {
  if (test.info().status !== 'passed') console.log(network.output().slice(-4_000));
  await browser?.close();
  browser = undefined;
});
test.afterAll(async () => {
  await network?.stop();
});

/** A verdict as it is kept. */
interface Verdict {
  readonly blobId: string;
  readonly outcome?: string;
}

function verdictsOf({ values }: Stored): Verdict[] {
  return [...values]
    .filter(([key]) => key.startsWith('verdict-'))
    .map(([, value]) => JSON.parse(Buffer.from(value, 'base64').subarray(SEAL_BYTES).toString()) as Verdict);
}

function keptHeight({ values }: Stored): number {
  const header = values.get('header');
  return header === undefined ? 0 : Number(Buffer.from(header, 'base64').readBigUInt64LE(SEAL_BYTES));
}

/** Reads the store past the program, and removes evidence, so that it is found and written anew. */
async function look(test: TestBrowser): Promise<Stored> {
  const page = await test.context.newPage();
  await page.goto(new URL('perigee-chain.json', network.url).href);
  const stored = await readStored(page);
  await page.close();
  return stored;
}

async function removeEvidence(test: TestBrowser): Promise<void> {
  const page = await test.context.newPage();
  await page.goto(new URL('perigee-chain.json', network.url).href);
  await page.evaluate(async () => {
    const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('perigee-light', { create: true });
    for await (const chain of all.values() as AsyncIterable<FileSystemDirectoryHandle>) {
      for await (const name of chain.keys()) if (name.startsWith('evidence-')) await chain.removeEntry(name);
    }
  });
  await page.close();
}

/** Opens the page without any peer: all that it shows is what was kept. */
async function openAlone(test: TestBrowser): Promise<Page> {
  const page = await test.context.newPage();
  const root = await (await fetch(new URL('perigee-chain.json', network.url))).json();
  await page.route('**/perigee-chain.json', (route) => route.fulfill({ json: { ...(root as object), peers: [] } }));
  await page.goto(network.url);
  return page;
}

/** What a page without peers shows is what the store holds, and what the store holds is true. */
async function checkAlone(test: TestBrowser, stored: Stored): Promise<boolean> {
  const page = await openAlone(test);
  const height = keptHeight(stored);
  // a store that answers late is not waited for; the next visit asks again
  const shown = base(page.locator('.height'));
  const asKept = (): Promise<void> => shown.toHaveAttribute('data-height', `${height}`, { timeout: 10_000 });
  if (height > 0) await asKept().catch(() => expect(() => page.reload().then(asKept)).toPass());
  const verdicts = verdictsOf(stored);
  for (const { blobId, outcome } of verdicts) {
    expect(blobId === badBlob ? ['badEncoding', 'inconclusive'] : ['available', 'inconclusive']).toContain(outcome);
  }
  await expect(page.locator('.recent li')).toHaveCount(Math.min(16, verdicts.length));
  const listed = await page
    .locator('.recent li button')
    .evaluateAll((all) =>
      all.map((one) => [one.querySelector('.mono')?.textContent, one.querySelector('.outcome')?.textContent]),
    );
  for (const [id = '', outcome] of listed) {
    const [begin = '', end = ''] = (id ?? '').split('…');
    const kept = verdicts.find(({ blobId }) => blobId.startsWith(begin) && blobId.endsWith(end));
    expect(outcome).toBe(OUTCOMES[kept?.outcome ?? '']);
  }
  await expect(page.locator('.recent [data-outcome]')).toHaveCount(0); // nothing of it is said to be known now
  const evidence = [...stored.files].filter(
    ([name, file]) => name.startsWith('evidence-') && readRecords(name, file).payloads.length === 2,
  );
  await openView(page, 'Evidence');
  await expect(page.locator('.evidence li')).toHaveCount(evidence.length);
  await expect(page.locator('main')).toHaveAttribute('data-rows-verified', '0');
  await page.waitForTimeout(2_500); // uploads of earlier visits are looked for after the first rows
  await openView(page, 'Blobs');
  const task = page.locator('[data-task="publish"]');
  const remembered = await page.evaluate(() => (JSON.parse(localStorage.getItem('perigee/uploads') ?? '[]') as unknown[]).length);
  await expect(task).toHaveCount(remembered);
  const interrupted = await page.locator('[data-task="publish"][data-status="interrupted"]').count();
  expect(interrupted).toBe(remembered);
  for (let left = remembered; left > 0; left--) await task.first().getByRole('button').click();
  await page.close();
  return interrupted > 0;
}

/** One visit that ends with a kill inside a write, while an upload is under way. @returns where, and whether the upload surely was */
async function visitUntilKilled(test: TestBrowser, crashes: PageCrashes, round: number, random: Random) {
  const before = crashes.kept;
  const { points, prefix } = TARGETS[round % TARGETS.length] ?? { points: FILE_POINTS, prefix: '' };
  const isFile = points.includes('write');
  const page = await test.context.newPage();
  crashes.follow(page);
  const hold = (): Promise<PageCrash> =>
    crashes.hold([random.pick(points)], random, { prefix, skip: prefix === 'rows-' ? random.below(3) : 0 });
  // while the store's worker stands still the page goes on; a window that stands still has to be at work before
  const early = isFile ? hold() : undefined;
  await page.goto(prefix === 'evidence-' ? `${network.url}#${badBlob}` : network.url);
  await expect(page.locator('main')).toHaveAttribute('data-phase', 'live');
  const upload = page.locator('[data-task="publish"]').first();
  await drop(page, `upload-${round}.bin`, randomBytes(UPLOAD_BYTES));
  await expect(upload).toHaveAttribute('data-status', 'running');
  const timer = setTimeout(() => crashes.widen(isFile ? FILE_POINTS : VALUE_POINTS), PATIENCE_MS);
  const crash = await (early ?? hold());
  clearTimeout(timer);
  // the first of its writes may be the one that is held: values are kept by the window, which goes on
  if (isFile) await expect.poll(() => crashes.kept).toBeGreaterThan(before);
  const running = isFile && (await upload.getAttribute('data-status')) === 'running';
  await crashes.killTabs(page);
  return { crash, isFile, running };
}

const CASES = [
  { cut: undefined, rounds: LONG ? 50 : 1, first: 1, what: 'killed' },
  { cut: 'unsynced', rounds: 20, first: 2, what: 'killed, its last file cut where it was not flushed' },
  { cut: 'any', rounds: LONG ? 20 : 1, first: 0, what: 'killed, its last file cut anywhere' },
] as const;

// of one kill, where a cut may go is what the third case covers
for (const { cut, rounds, first, what } of LONG ? CASES : CASES.filter(({ cut }) => cut !== 'unsynced')) {
  test(`a tab that is ${what}, ${rounds} times inside writes, starts again by itself and has all that it said to have kept`, async () => {
    test.setTimeout(60_000 + rounds * ROUND_MS);
    const random = createRandom();
    console.log(`PERIGEE_SEED=${random.seed}`);
    browser = await launchChromium();
    const crashes = await PageCrashes.watch(browser);
    const tally: Record<string, number> = {};
    let interruptions = 0;
    for (let round = 0; round < rounds; round++) {
      const before = crashes.kept;
      const { crash, isFile, running } = await visitUntilKilled(
        browser,
        crashes,
        first + round * (cut === undefined ? 1 : 2),
        random,
      );
      expect(crashes.kept).toBeGreaterThan(before); // the visit has kept something of its own
      const place = `${crash.point} ${crash.name.split('-')[0]}`;
      tally[place] = (tally[place] ?? 0) + 1;
      if (cut !== undefined && isFile) crashes.cut(crash, random, cut === 'any' ? 0 : crash.at);
      const stored = await look(browser);
      const torn = cut === 'any' && isFile ? crash.name : undefined;
      expect(crashes.lost(stored).filter((lost) => torn === undefined || !lost.includes(torn))).toEqual([]);
      expect(crashes.lost({ values: new Map(), files: new Map() }).length).toBeGreaterThan(0); // a store that forgot would be found out
      const isListed = await checkAlone(browser, stored);
      if (running) expect(isListed).toBe(true);
      if (isListed) interruptions++;
      await removeEvidence(browser);
      crashes.take(await look(browser), torn);
    }
    if (LONG) expect(interruptions).toBeGreaterThan(rounds / 2);
    console.log(`tabs ${what}: ${JSON.stringify(tally)}, ${crashes.kept} writes kept, ${interruptions} uploads interrupted`);

    // rows that were kept beside torn ones go into what is retrieved, so they are the blob's
    const page = await browser.context.newPage();
    await page.goto(`${network.url}#${goodBlob}`);
    // what an earlier visit found has no rows, and is done until it is sampled anew; a row that was late stays late until the next visit
    await expect(async () => {
      await page.reload();
      base(new Set(await sampledRows(page, goodBlob))).toEqual(new Set(['verified']));
    }).toPass();
    await page
      .getByRole('button', { name: /^Retrieve/ })
      .first()
      .click();
    const sha256 = createHash('sha256').update(content).digest('hex');
    await openView(page, 'Blobs');
    await expect(page.locator('[data-task="retrieve"] [data-sha256]')).toHaveAttribute('data-sha256', sha256, {
      timeout: 60_000,
    });
    await page.close();
  });
}
