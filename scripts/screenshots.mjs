// @ts-check
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { buildAll } from './build.mjs';
import { CHROMIUM_FLAGS, findChromium } from './chromium.mjs';
import { start } from './lib/children.mjs';
import { NODE_FLAGS } from './lib/node-flags.mjs';
import { at } from './lib/paths.mjs';
import { firstFreePort } from './lib/port.mjs';
import { main, readOptions, UserError } from './lib/step.mjs';
import { setUp } from './setup.mjs';

const USAGE = `node scripts/screenshots.mjs [--out FOLDER]
  Opens every view of the page on a development network of its own, on a phone and a desktop, light and dark.
  --out FOLDER  where the pictures go (default test-results/screenshots); those of the README go to docs/pictures`;

const VIEWS = ['live', 'blobs', 'storage', 'kv', 'compute', 'evidence', 'network', 'settings', 'bench'];
const SCREENS = /** @type {const} */ ([
  ['phone', 390, 844],
  ['desktop', 1440, 900],
]);
const THEMES = /** @type {const} */ (['light', 'dark']);
/** Pictures of the README: the same, without what lies below the window. */
const README = ['live-desktop-light', 'live-phone-dark'];
const BLOB_BYTES = 4 * 1024 * 1024;
const FIRST_PORT = 4_700;
const PATIENCE_MS = 60_000;
/** Fonts, transitions and the last row settle, milliseconds. */
const SETTLE_MS = 700;
const PERIGEE = at('dist/node/perigee.js');
const PICTURES = at('docs/pictures');

await main(async () => {
  const options = readOptions({ options: { out: { type: 'string' } } }, USAGE);
  const out = options.out ?? at('test-results/screenshots');
  const found = findChromium();
  if (!('path' in found)) throw new UserError(found.reason);
  await setUp();
  await buildAll();
  const { chromium } = await import('playwright-core');
  const home = mkdtempSync(join(tmpdir(), 'perigee-screenshots-'));
  const devnet = await startDevnet(home);
  const browser = await chromium.launch({ executablePath: found.path, args: CHROMIUM_FLAGS });
  try {
    await publish(home, devnet);
    mkdirSync(out, { recursive: true });
    for (const [screen, width, height] of SCREENS) {
      const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: screen === 'phone' ? 2 : 1 });
      const page = await context.newPage();
      await page.goto(devnet.url);
      await page.locator('.blob[data-outcome="available"]').waitFor({ timeout: PATIENCE_MS });
      for (const view of VIEWS) {
        if (view === 'bench') await page.evaluate(() => location.assign('#/bench'));
        else if (view !== 'live') await page.locator(`nav a[href="#/${view}"]`).click();
        await page.locator(`main[data-view="${view}"]`).waitFor();
        await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null, null, { timeout: PATIENCE_MS });
        if (view === 'kv') await fillStream(page);
        for (const theme of THEMES) {
          await page.emulateMedia({ colorScheme: theme });
          await page.evaluate(() => scrollTo(0, 0));
          await page.waitForTimeout(SETTLE_MS);
          const name = `${view}-${screen}-${theme}`;
          await page.screenshot({ path: join(out, `${name}.png`), fullPage: true });
          if (README.includes(name)) await page.screenshot({ path: join(PICTURES, `page-${name}.png`) });
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          if (wide > width) throw new UserError(`The view "${view}" is ${wide} pixels wide on a screen of ${width}.`);
          console.log(name);
        }
      }
      await context.close();
    }
  } finally {
    await browser.close();
    devnet.child.kill('SIGTERM');
    await devnet.ended;
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  console.log(`The pictures are in ${out}.`);
});

/** @param {string} home */
async function startDevnet(home) {
  const port = await firstFreePort(FIRST_PORT, '127.0.0.1');
  const words = ['devnet', '--home', home, '--http-port', String(port), '--publish-every', '0'];
  const child = start(process.execPath, [...NODE_FLAGS, PERIGEE, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ready = new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new UserError(`The network ended with exit code ${code}.`)));
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('READY ')) resolve(JSON.parse(line.slice('READY '.length)));
      });
    }
  });
  const { url, chain, account } = /** @type {{ url: string, chain: string, account: string }} */ (await ready);
  return { child, ended, url, chain, account };
}

/** Some blobs, so that the views have something to show. @param {string} home @param {{ chain: string, account: string }} devnet */
async function publish(home, { chain, account }) {
  for (const bytes of [70_000, 1_200_000, BLOB_BYTES]) {
    const file = join(home, `${bytes}.bin`);
    writeFileSync(file, randomBytes(bytes));
    const words = ['publish', file, '--chain', chain, '--key', account, '--json'];
    await promisify(execFile)(process.execPath, [...NODE_FLAGS, PERIGEE, ...words]);
  }
}

/** @param {import('playwright-core').Page} page */
async function fillStream(page) {
  await page.getByRole('button', { name: 'New stream' }).click();
  await page.locator('.streams-open[data-proved]').waitFor({ timeout: PATIENCE_MS });
  const form = page.locator('.streams-write');
  await form.getByLabel('Key').fill('model/version');
  await form.getByLabel('Value').fill('7b-instruct, 2026-11');
  await form.getByRole('button').click();
  await page.locator('.streams-list [data-key="model/version"]').waitFor({ timeout: PATIENCE_MS });
}
