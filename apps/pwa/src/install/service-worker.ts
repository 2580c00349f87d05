/**
 * The service worker: the page starts without its server, on what was kept. It carries files of this page and the name of its chain;
 * what is true about that chain is none of its business.
 */
import { cacheNames, clientsClaim } from 'workbox-core';
import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';
import { isPageAtWork } from './ask-page.ts';
import { formerIn, isWhole, noteChange } from './former.ts';
import { handedBy, layDown } from './handed.ts';
import { isolated } from './isolated.ts';
import { isKeptChainFile, refuseFailedServer } from './kept-chain-file.ts';
import { SKIP_WAITING } from './messages.ts';

interface WindowClient {
  readonly url: string;
  navigate(url: string): Promise<unknown>;
  postMessage(message: unknown, transfer: Transferable[]): void;
}
/** What of ServiceWorkerGlobalScope is used; the page's types do not describe it. */
declare const self: {
  readonly registration: { readonly scope: string; readonly active: unknown };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(of: { readonly type: 'window' }): Promise<readonly WindowClient[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  addEventListener(type: 'install' | 'activate', listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
};
/** Files of this build, which the build writes here. */
declare const PRECACHED: readonly { readonly url: string; readonly revision: string | null }[];

// named once: the build puts the list in place of the name
const files = [...PRECACHED];

/** How long a server that takes the connection and keeps silent holds up a start, seconds. */
const CHAIN_FILE_TIMEOUT_S = 3;

/** Whether this one takes the place of a former one at once: known when it is installed, and of no meaning later. */
let takesOver = false;

// before those of Workbox, which lay this build down
/** Nothing of this build is laid down before the former one was looked at: it would be taken for it. */
let looked: Promise<void> | undefined;
self.addEventListener('install', (event) => {
  if (self.registration.active === null) return;
  looked = lookAtFormer().catch(() => {}); // then this one waits
  event.waitUntil(looked);
});
self.addEventListener('activate', (event) => {
  if (takesOver) event.waitUntil(takePages());
});

/** A former release whose pages cannot go on must not keep this one waiting, as they would show nothing. */
async function lookAtFormer(): Promise<void> {
  const own = files.find(({ url }) => url === 'index.html')?.revision ?? undefined;
  const former = await formerIn(await caches.open(cacheNames.precache), own);
  if (await isWhole(former, self.registration.scope)) return;
  takesOver = true;
  await self.skipWaiting();
}

async function takePages(): Promise<void> {
  await noteChange().catch(() => {});
  await self.clients.claim();
  // what they load is answered when this one is active, so that is not to wait for them
  for (const each of await self.clients.matchAll({ type: 'window' })) void changePage(each).catch(() => {});
}

/** A page that is in the middle of something goes on, and says itself that it is of a former release. */
async function changePage(page: WindowClient): Promise<void> {
  if (!(await isPageAtWork(page))) await page.navigate(page.url);
}

addPlugins([
  {
    handlerWillRespond: async ({ response }) => isolated(response),
    requestWillFetch: async ({ request }) => {
      await looked;
      return request;
    },
  },
]);
cleanupOutdatedCaches();
precacheAndRoute(files);
registerRoute(new NavigationRoute(createHandlerBoundToURL('index.html')));
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.href === new URL('perigee-chain.json', self.registration.scope).href,
  new NetworkFirst({
    cacheName: 'perigee-chain-file',
    networkTimeoutSeconds: CHAIN_FILE_TIMEOUT_S,
    matchOptions: { ignoreSearch: true },
    plugins: [
      { fetchDidSucceed: async ({ response }) => refuseFailedServer(response) },
      { cacheWillUpdate: async ({ response }) => ((await isKeptChainFile(response.clone())) ? response : null) },
      { handlerWillRespond: async ({ response }) => isolated(response) },
    ],
  }),
);

registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.href === new URL('share', self.registration.scope).href,
  async ({ request }) => {
    const handed = handedBy(await request.formData());
    const query = new URLSearchParams();
    if (handed !== undefined && 'text' in handed) query.set('open', handed.text);
    else query.set('handed', '');
    if (handed !== undefined && 'file' in handed) await layDown(handed.file);
    return Response.redirect(new URL(`./?${query}`, self.registration.scope).href, 303);
  },
  'POST',
);

// a page of the former build goes on with its own files until somebody agrees to change
self.addEventListener('message', ({ data }) => {
  if (data === SKIP_WAITING) void self.skipWaiting();
});
clientsClaim();
