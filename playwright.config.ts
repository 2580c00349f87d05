import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from './scripts/chromium.mjs';

const chromium = findChromium();

/** End to end: each test starts the processes that it needs with tests/kit, so there is no server for all. */
export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/e2e/global-setup.ts',
  outputDir: 'test-results/playwright',
  timeout: 240_000,
  expect: { timeout: 30_000 }, // much longer than what is awaited takes, since a machine may do many other things as well
  workers: 3, // more than two cores are: each test has processes and a browser of its own, and waits for them half of its time
  forbidOnly: process.env.CI !== undefined,
  // a service worker fetches past the routes of a test; tests of it allow it
  use: {
    serviceWorkers: 'block',
    launchOptions: { args: CHROMIUM_FLAGS, ...('path' in chromium ? { executablePath: chromium.path } : {}) },
  },
});
