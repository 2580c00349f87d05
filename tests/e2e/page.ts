import { expect, type Page } from '@playwright/test';

/** Most tests have no service worker, which would fetch past their routes; the page says so, and works. */
const NO_SERVICE_WORKER = 'Service Worker registration blocked by Playwright';

/** What a page must not say while it works as it should. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint && message.text() !== NO_SERVICE_WORKER) complaints.push(message.text());
  });
  return complaints;
}

/** Goes to a view as a person does, and waits until it is there. */
export async function openView(
  page: Page,
  name: 'Live' | 'Blobs' | 'Storage' | 'KV' | 'Compute' | 'Evidence' | 'Network' | 'Settings',
): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await expect(page.locator('main')).toHaveAttribute('data-view', name.toLowerCase());
  await expect(page.locator('.lazy[aria-busy="true"]')).toHaveCount(0);
}

/** Waits until every drawn row of the blob has its verdict. @returns the verdict of each */
export async function sampledRows(page: Page, blobId: string): Promise<string[]> {
  await expect(page.locator(`[data-blob="${blobId}"][data-phase="done"]`)).toBeVisible({ timeout: 60_000 });
  await expect(async () => {
    await page.locator('details.asked').evaluate((details: HTMLDetailsElement) => {
      details.open = true; // its table is made only while it is open, and a node that starts anew makes it anew
    });
    await expect(page.locator('tr[data-row]').first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  return page.locator('tr[data-row]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-verdict') ?? ''));
}

/** Counts what the page's own thread does with WebAssembly; workers are not touched. Call it before the page is opened. */
export async function countMainThreadWasm(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    let uses = 0;
    for (const name of ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming', 'Module', 'Instance'] as const) {
      Object.defineProperty(WebAssembly, name, {
        value: new Proxy(WebAssembly[name], {
          apply(target, self, given) {
            uses++;
            return Reflect.apply(target, self, given);
          },
          construct(target, given) {
            uses++;
            return Reflect.construct(target, given);
          },
        }),
      });
    }
    Object.defineProperty(globalThis, 'wasmUses', { get: () => uses });
  });
  return () => page.evaluate(() => (globalThis as unknown as { wasmUses: number }).wasmUses);
}

/** Drops a file on the view of blobs as a person does, and has it published. */
export async function drop(page: Page, name: string, content: Buffer): Promise<void> {
  await openView(page, 'Blobs');
  const transfer = await page.evaluateHandle(
    ([fileName, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const made = new DataTransfer();
      made.items.add(new File([bytes], fileName, { lastModified: 1 }));
      return made;
    },
    [name, content.toString('base64')] as const,
  );
  await page.locator('.drop').dispatchEvent('drop', { dataTransfer: transfer });
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
}

/** Has a page count what it has open, and what was ever connected. Call it before the page is opened. */
export async function countConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const open = new Set<unknown>();
    let made = 0;
    Object.defineProperty(globalThis, 'everConnected', { get: () => made });
    Object.defineProperty(globalThis, 'openConnections', { get: () => open.size });
    const counted = <C extends new (...given: never[]) => { addEventListener: EventTarget['addEventListener'] }>(
      kind: C,
      event: string,
      isOver: (connection: InstanceType<C>) => boolean,
    ) =>
      new Proxy(kind, {
        construct(target, given) {
          const connection = new target(...(given as never[])) as InstanceType<C>;
          open.add(connection);
          connection.addEventListener('open', () => made++);
          connection.addEventListener(event, () => {
            if (isOver(connection)) open.delete(connection);
            else if ((connection as unknown as RTCPeerConnection).connectionState === 'connected') made++;
          });
          const { close } = connection as unknown as { close: () => void };
          Object.assign(connection, {
            close(...all: []) {
              open.delete(connection);
              return close.apply(connection, all);
            },
          });
          return connection;
        },
      });
    const isClosed = (connection: unknown) => /closed|failed/.test((connection as RTCPeerConnection).connectionState);
    globalThis.RTCPeerConnection = counted(RTCPeerConnection, 'connectionstatechange', isClosed);
    globalThis.WebSocket = counted(WebSocket, 'close', () => true);
  });
}

/** What it has open. */
export const connections = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { openConnections: number }).openConnections);

/** What was connected since it was loaded. */
export const everConnected = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { everConnected: number }).everConnected);
