import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type EnvironmentOptions, type Plugin, type UserConfig } from 'vite';
import { extensionManifest } from './apps/extension/manifest.ts';
import { pageHead } from './apps/pwa/page-head.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Browsers are introduced to each other long after the first share. @libp2p/webrtc has one index for what they need for that and for what dials nodes: who
 * meets pages gets one of its own, or everything behind it would come at first.
 */
const webrtcOfPages: Plugin = {
  name: 'webrtc-of-pages',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    if (source !== '@libp2p/webrtc' || !importer?.endsWith('/pages/introductions.ts')) return null;
    const found = await this.resolve(source, importer, { ...options, skipSelf: true });
    return found && { ...found, id: `${found.id}?pages` };
  },
};

/** Modules of the first paint that later parts use too. */
const FIRST_PAINT =
  /node_modules\/(preact|@preact)\/|apps\/pwa\/src\/(strings\/(advice|blob|boot|common|device|head|index|lead|rows|views)|format|navigation\/[\w-]+)\.ts$|packages\/wire\/src\/(error|limits(-pages)?)\.ts$/;

/** Small modules of the light node that views use too: a file for each set of views that share some would be a request each before the first share. */
const FIRST_SHARE =
  /node_modules\/idb-keyval\/|packages\/(workers\/src\/(messages|pool|slot|web)|wire\/src\/(bytes|ids|messages\/(genesis|tx))|net\/src\/(client|client-session|frame-reader|frame-writer|random|slots)|light-core\/src\/(comet\/(json-value|skipping|time|trust-link|trust-root)|da\/(certificate|chain-view|committee|geometry|promise|uniform)|state\/keys|storage\/(blob-tags|shards)|tx\/sign)|sampler\/src\/(chain\/way-to|peers\/(ask-around|lies)))\.ts$/;

/** How long plugins take says something of the machine, and nothing to whoever builds. */
const checks = { bundlerTimings: false };

const common = {
  base: './',
  // one file each: what a worker needs later would be a request more before it starts
  worker: { format: 'es', rolldownOptions: { checks, output: { codeSplitting: false } } },
} satisfies UserConfig;

const build = {
  target: 'es2022',
  modulePreload: { polyfill: false },
  assetsInlineLimit: 0, // the content security policy of a page that inlines nothing is the strict one
} as const;

/** The page. Paths are relative so that it can be served from any folder of any host. */
const pwa: UserConfig = {
  ...common,
  root: at('apps/pwa'),
  publicDir: at('public'),
  plugins: [pageHead(), webrtcOfPages],
  build: {
    ...build,
    outDir: at('dist/pwa'),
    emptyOutDir: true,
    // the page names in its head what it needs at once; of a view that is opened later only the style would come too late
    modulePreload: { polyfill: false, resolveDependencies: (_file, found) => found.filter((name) => name.endsWith('.css')) },
    rolldownOptions: {
      checks,
      output: {
        // what the first paint shares with the views: one file, in place of one for each set of views that use the same
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'base', test: FIRST_PAINT, priority: 1 },
            { name: 'shared', test: FIRST_SHARE },
          ],
        },
      },
    },
  },
};

const EXTENSION = at('dist/extension');

/** A script of a site's page is one file that is no module, so each is a build of its own. */
const pageScript = (name: string): EnvironmentOptions => ({
  consumer: 'client',
  build: {
    ...build,
    outDir: EXTENSION,
    emptyOutDir: false,
    copyPublicDir: false,
    rolldownOptions: {
      checks,
      input: at(`apps/extension/src/page/${name}.ts`),
      output: { format: 'iife', entryFileNames: `${name}.js` },
    },
  },
});

/** A page that a person opens is one file and its style: each more is a request before anything is drawn, and what the light node shares with it is a request each. */
const view = (name: string): EnvironmentOptions => ({
  consumer: 'client',
  build: {
    ...build,
    outDir: EXTENSION,
    emptyOutDir: false,
    copyPublicDir: false,
    rolldownOptions: {
      checks,
      input: at(`apps/extension/${name}.html`),
      output: { codeSplitting: false, entryFileNames: 'assets/[name]-[hash].js' },
    },
  },
});

/** The extension, for Chromium: its pages and service worker, then the scripts that go into the pages of sites. */
const extension: UserConfig = {
  ...common,
  root: at('apps/extension'),
  publicDir: false,
  plugins: [extensionManifest()],
  define: { PERIGEE_ICON: JSON.stringify(`data:image/svg+xml;base64,${readFileSync(at('public/icon.svg'), 'base64')}`) },
  builder: {
    async buildApp(builder) {
      for (const environment of Object.values(builder.environments)) {
        if (environment.name !== 'ssr') await builder.build(environment);
      }
    },
  },
  environments: {
    client: {
      build: {
        ...build,
        outDir: EXTENSION,
        emptyOutDir: true,
        rolldownOptions: {
          checks,
          input: {
            offscreen: at('apps/extension/offscreen.html'),
            background: at('apps/extension/src/background.ts'),
          },
          output: { entryFileNames: ({ name }) => (name === 'background' ? 'background.js' : 'assets/[name]-[hash].js') },
        },
      },
    },
    popup: view('popup'),
    options: view('options'),
    prompt: view('prompt'),
    inpage: pageScript('inpage'),
    bridge: pageScript('bridge'),
  },
};

export default defineConfig(({ mode }) => (mode === 'extension' ? extension : pwa));
