import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BrowserContext, expect, type Page, type Worker } from '@playwright/test';
import { launchChromium, startProcess, type TestBrowser, type TestProcess } from '../kit/index.ts';

/** What a provider throws, as a page can hand it on. */
export interface ProviderError {
  readonly code: number;
  readonly message: string;
  readonly data?: { readonly reason: string };
}

export type Asked<T> = { readonly result: T } | { readonly error: ProviderError };

/** A browser with the extension, whose light node follows a chain that a person chose. */
export interface ExtensionHost {
  readonly context: BrowserContext;
  readonly id: string;
  /** A page of the extension, in a tab. */
  open(name: 'popup' | 'options'): Promise<Page>;
  worker(): Promise<Worker>;
  close(): Promise<void>;
}

export async function startExtension(): Promise<ExtensionHost> {
  const browser: TestBrowser = await launchChromium([], resolve('dist/extension'));
  const { context } = browser;
  const worker = async (): Promise<Worker> => context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const id = new URL((await worker()).url()).host;
  return {
    context,
    id,
    worker,
    async open(name) {
      const page = await context.newPage();
      await page.goto(`chrome-extension://${id}/${name}.html`);
      return page;
    },
    close: () => browser.close(),
  };
}

/** Has a person choose a chain in the options. @param file path of the chain file */
export async function chooseChain(host: ExtensionHost, file: string): Promise<void> {
  const options = await host.open('options');
  const text = readFileSync(file, 'utf8');
  await options.getByLabel('Chain file or trust link').fill(text);
  await options.getByRole('button', { name: 'Read' }).click();
  const { chainId } = JSON.parse(text) as { chainId: string };
  await expect(options.locator('.offer')).toContainText(chainId);
  await options.getByRole('button', { name: 'Believe it' }).click();
  await expect(options.locator(`[data-chain="${chainId}"]`)).toBeVisible();
  await options.close();
}

/** Ends the service worker at once, as the browser does after half a minute without a message. */
export async function stopServiceWorker(host: ExtensionHost): Promise<void> {
  const page = await host.open('options');
  const session = await host.context.newCDPSession(page);
  await session.send('ServiceWorker.enable');
  const stopped = new Promise<void>((resolve) => {
    session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve();
    });
  });
  await session.send('ServiceWorker.stopAllWorkers');
  await stopped;
  await page.close();
}

export interface Dapp {
  readonly url: string;
  readonly origin: string;
  stop(): Promise<unknown>;
}

/** The example, as `npm run example dapp` serves it: another origin. */
export async function startDapp(): Promise<Dapp> {
  const server: TestProcess = startProcess(resolve('dist/examples/dapp.js'), ['--port', '0']);
  const { url } = (await server.ready()) as unknown as { url: string };
  return { url, origin: new URL(url).origin, stop: () => server.stop() };
}

/** Asks the provider that a page finds by EIP-6963, as the page's own script does. */
export function ask<T>(page: Page, method: string, params?: unknown): Promise<Asked<T>> {
  return page.evaluate(
    async ([name, given]) => {
      const provider = await new Promise<{ request(asked: object): Promise<unknown> }>((resolve) => {
        window.addEventListener('eip6963:announceProvider', (event) => {
          const { info, provider: found } = (event as CustomEvent).detail;
          if (info.rdns === 'org.perigee') resolve(found);
        });
        window.dispatchEvent(new Event('eip6963:requestProvider'));
      });
      try {
        return { result: await provider.request({ method: name, params: given }) };
      } catch (thrown) {
        const { code, message, data } = thrown as ProviderError;
        return { error: { code, message, data } };
      }
    },
    [method, params] as const,
  ) as Promise<Asked<T>>;
}

/** Waits for the window in which the extension asks a person, and answers. @param look called before */
export async function answerPrompt(
  host: ExtensionHost,
  origin: string,
  answer: 'Allow' | 'Deny' | 'close',
  look?: (prompt: Page) => Promise<void>,
): Promise<void> {
  const isPrompt = (page: Page): boolean => page.url().endsWith('/prompt.html');
  const prompt = host.context.pages().find(isPrompt) ?? (await host.context.waitForEvent('page', { predicate: isPrompt }));
  await expect(prompt.locator(`[data-origin="${origin}"]`)).toBeVisible();
  await look?.(prompt);
  if (answer === 'close') {
    await prompt.close();
    return;
  }
  await prompt.bringToFront(); // a window that comes forward takes no answer for a moment
  const button = prompt.getByRole('button', { name: answer });
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  const closed = prompt.waitForEvent('close');
  await button.click();
  await closed;
}
