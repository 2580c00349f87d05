import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { developmentSimulation, Simulation } from '@perigee/compute/evidence/simulated';
import { toHex, utf8 } from '@perigee/wire';
import { expect, type Page, test } from '@playwright/test';
import type axe from 'axe-core';
import { chromiumObstacle, type Network, startNetwork } from '../kit/index.ts';
import { simulatedEvidence } from '../kit/simulated-evidence.ts';
import { collectComplaints, openView } from './page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VECTORS = process.env.PERIGEE_VECTORS ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const vector = (name: string) => `${VECTORS}/tee/intel/${name}`;
const DEVICES = [
  ['phone', 390, 844],
  ['desktop', 1440, 900],
] as const;
const noVectors = !existsSync(vector('dcap-qvl.tdx_quote'));

const noBrowser = chromiumObstacle();
test.skip(noBrowser !== undefined, noBrowser ?? '');

const clock = { now: () => Date.now() };
let network: Network;

test.beforeAll(async () => {
  network = await startNetwork({ providers: 0, nodes: 2 });
});
test.afterAll(async () => {
  await network?.stop();
});

/** Evidence of a machine that there is not, with all that its vendor would have signed. */
function simulated(simulation: Simulation): Buffer {
  return Buffer.from(simulatedEvidence(simulation).bundle);
}

/** Opens the view, once the page knows what chain it follows. */
async function openRoom(page: Page): Promise<void> {
  await page.goto(network.url);
  await expect(page.locator('[data-development="true"]')).toBeVisible({ timeout: 60_000 });
  await openView(page, 'Evidence');
  await expect(page.locator('.attestation .drop')).toBeVisible();
}

async function dropEvidence(page: Page, name: string, content: Buffer): Promise<void> {
  await page.locator('.attestation .drop input').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: content });
}

test('simulated evidence is shown as such on a phone and a desktop, light and dark, accessible and as wide as its window', async ({
  page,
}) => {
  const complaints = collectComplaints(page);
  await page.addInitScript(AXE);
  await openRoom(page);
  const report = page.locator('.report');
  for (const [device, width, height] of DEVICES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await test.step(`a ${colorScheme} ${device}`, async () => {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await dropEvidence(page, 'quote.json', simulated(developmentSimulation(clock)));
        await expect(report).toHaveAttribute('data-status', 'simulated');
        await expect(report).toHaveAttribute('data-overall', 'pass');
        await expect(report).toContainText('Simulated');
        await expect(report).not.toContainText('hardware is real');
        await report.locator('details').evaluate((details: HTMLDetailsElement) => {
          details.open = true;
        });
        const violations = await page.evaluate(
          async () => (await (globalThis as unknown as { axe: typeof axe }).axe.run()).violations,
        );
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        await page.locator('.attestation').screenshot({ path: test.info().outputPath(`${device}-${colorScheme}.png`) });
      });
    }
  }
  expect(complaints).toEqual([]);

  // of somebody else it does not pass, and says why
  await dropEvidence(page, 'quote.json', simulated(new Simulation({ seed: utf8('somebody else'), clock })));
  await expect(report).toHaveAttribute('data-status', 'real-fail');
  await expect(report.locator('[data-check="pckChain"]')).toHaveAttribute('data-verdict', 'fail');
  await expect(report.locator('[data-check="pckChain"]')).toHaveAttribute('data-code', 'ROOT');
});

test('a real quote passes at its time with its collateral, is refused today, and the result can be saved', async ({ page }) => {
  test.skip(noVectors, `${VECTORS} is not there`);
  await openRoom(page);
  await page.getByLabel('What the vendor has signed').setInputFiles(vector('dcap-qvl.tdx_quote_collateral.json'));
  await page.getByLabel('Judge it as of').fill('2025-06-25T00:00');
  await page.getByLabel('Or paste it').fill(toHex(readFileSync(vector('dcap-qvl.tdx_quote'))));
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const report = page.locator('.report');
  await expect(report).toHaveAttribute('data-status', 'real-pass');
  await expect(report.locator('.reach')).toHaveAttribute('data-label', 'hardware');
  await page.locator('.attestation').screenshot({ path: test.info().outputPath('real.png') });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the result' }).click();
  const saved = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as Record<string, unknown>;
  expect(saved).toMatchObject({
    format: 'perigee-attestation-report',
    version: 1,
    status: 'real-pass',
    judgedAt: '2025-06-25T00:00:00.000Z',
  });
  await page.getByLabel('Judge it as of').fill('');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(report).toHaveAttribute('data-status', 'real-fail');
  await expect(report.locator('[data-check="rootCrl"]')).toHaveAttribute('data-code', 'EXPIRED');
});

test('what is no evidence is refused in words', async ({ page }) => {
  await openRoom(page);
  await page.getByLabel('Or paste it').fill('hello');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await expect(page.locator('.attestation [data-code="PARSE"]')).toContainText('no evidence that can be read');
  await dropEvidence(page, 'large.bin', Buffer.alloc(5 << 20));
  await expect(page.locator('.attestation [data-code="INVALID_ARGUMENT"]')).toBeVisible();
  await dropEvidence(page, 'zeros.bin', Buffer.alloc(100));
  await expect(page.locator('.report [data-check="parse"]')).toHaveAttribute('data-verdict', 'fail');
});
