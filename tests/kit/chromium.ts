import { rmSync } from 'node:fs';
import type { BrowserContext } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from '../../scripts/chromium.mjs';
import { temporaryFolder } from './folder.ts';

export { webrtcObstacle } from '../../scripts/chromium.mjs';

/** Why there is no browser to test in, if so: the reason with which a test skips itself. */
export function chromiumObstacle(): string | undefined {
  const found = findChromium();
  return 'path' in found ? undefined : found.reason;
}

/** A browser of its own, with a profile that never saw a page. */
export interface TestBrowser {
  readonly context: BrowserContext;
  /** Folder of its profile. */
  readonly profile: string;
  /** Ends the browser and deletes its profile. */
  close(): Promise<void>;
}

/**
 * @param flags besides those that all tests use
 * @param extension folder of an extension that is loaded
 */
export async function launchChromium(flags: readonly string[] = [], extension?: string): Promise<TestBrowser> {
  const found = findChromium();
  if (!('path' in found)) throw new Error(found.reason);
  const { chromium } = await import('playwright-core'); // most tests have no browser, and it takes as long to load as all else here
  const profile = temporaryFolder('profile');
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: found.path,
    args: [...CHROMIUM_FLAGS, ...flags, ...(extension === undefined ? [] : extensionFlags(extension))],
    ...(extension === undefined ? {} : { ignoreDefaultArgs: ['--disable-extensions'] }),
    headless: true,
  });
  return {
    context,
    profile,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function extensionFlags(folder: string): readonly string[] {
  return [`--disable-extensions-except=${folder}`, `--load-extension=${folder}`];
}
