/**
 * The service worker: the page starts without its server, on what was kept. It carries files of this page and the name of its chain;
 * what is true about that chain is none of its business.
 */
import { clientsClaim } from 'workbox-core';
import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';
import { handedBy, layDown } from './handed.ts';
import { isolated } from './isolated.ts';
import { isKeptChainFile, refuseFailedServer } from './kept-chain-file.ts';
import { SKIP_WAITING } from './messages.ts';

/** What of ServiceWorkerGlobalScope is used; the page's types do not describe it. */
declare const self: {
  readonly registration: { readonly scope: string };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
};
/** Files of this build, which the build writes here. */
declare const PRECACHED: readonly { readonly url: string; readonly revision: string | null }[];

/** How long a server that takes the connection and keeps silent holds up a start, seconds. */
const CHAIN_FILE_TIMEOUT_S = 3;

addPlugins([{ handlerWillRespond: async ({ response }) => isolated(response) }]);
cleanupOutdatedCaches();
precacheAndRoute([...PRECACHED]);
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
