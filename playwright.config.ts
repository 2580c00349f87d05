import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from './scripts/chromium.mjs';

const chromium = findChromium();

/** End to end: each test starts the processes that it needs with tests/kit, so there is no server for all. */
export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/global-setup.ts',
  outputDir: 'test-results/playwright',
  timeout: 120_000,
  workers: 1,
  forbidOnly: process.env.CI !== undefined,
  use: { launchOptions: { args: CHROMIUM_FLAGS, ...('path' in chromium ? { executablePath: chromium.path } : {}) } },
});
