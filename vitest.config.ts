import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { CHROMIUM_FLAGS, findChromium } from './scripts/chromium.mjs';
import { Sequence } from './scripts/test/sequence.mjs';

// A test's file name says where it runs:
//   x.test.ts          Node
//   x.browser.test.ts  a cross-origin isolated page (SharedArrayBuffer exists)
//   x.both.test.ts     Node and such a page
//   x.every.test.ts    Node, such a page, and a page of a host that sends no isolation headers
const TEST = 'test.{ts,tsx}';
const PLACES = '{packages,apps}/*/test/**';
const PURE = [`packages/{wire,light-core,wasm-codec}/test/**/*.${TEST}`];
/** What runs WebRTC in its own process: libdatachannel has threads and sockets there that outlive a host. */
const WEBRTC = [
  `packages/net/test/{adversary-client,adversary-server,host,identity,kad,muxer,protocol,relay,webtransport/listener}.${TEST}`,
  `packages/sampler/test/{poor-network,pages}.${TEST}`,
];
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** What of the environment tests in a page see. */
const FOR_PAGES = Object.fromEntries(
  ['PERIGEE_LONG', 'PERIGEE_SEED'].map((name) => [`process.env.${name}`, JSON.stringify(process.env[name]) ?? 'undefined']),
);

/**
 * How long what is awaited may take, milliseconds: much longer than it does, since a machine may do many other things as well. Hooks start networks. Tests that
 * ask again and again do so by `expect.poll`, or by `eventually` of tests/kit.
 */
const PATIENCE = { testTimeout: 240_000, hookTimeout: 240_000, expect: { poll: { timeout: 40_000 } } };

const chromium = findChromium();

function inChromium(name: string, kinds: readonly string[], headers: Record<string, string>): TestProjectConfiguration {
  return {
    worker: { format: 'es' },
    server: { headers },
    define: FOR_PAGES,
    optimizeDeps: { force: true }, // a list left by an earlier run may lack a package, and finding it reloads the page in mid-test
    test: {
      name,
      include: kinds.map((kind) => `${PLACES}/*.${kind}.${TEST}`),
      ...PATIENCE,
      globalSetup: './packages/net/test/browser-setup.ts', // the Node host that pages dial
      browser: {
        enabled: true,
        headless: true,
        connectTimeout: PATIENCE.hookTimeout,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: { args: CHROMIUM_FLAGS, ...('path' in chromium ? { executablePath: chromium.path } : {}) },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}

export default defineConfig({
  test: {
    experimental: { fsModuleCache: true }, // what a file compiles to is kept below node_modules: two runs in a row compile nothing twice
    maxWorkers: 4, // of two cores: many tests wait, for blocks, for timeouts, for processes
    globalSetup: './tests/global-setup.ts',
    sequence: { sequencer: Sequence },
    projects: [
      {
        test: {
          name: 'pure', // what touches no file, no socket and no clock: files of one worker share what they import
          include: PURE,
          exclude: [`**/*.browser.${TEST}`],
          isolate: false,
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'node',
          include: [`{packages,apps}/*/test/**/*.${TEST}`, `tests/{repo,kit}/**/*.${TEST}`, `bench/**/*.${TEST}`],
          exclude: [`**/*.browser.${TEST}`, '**/node_modules/**', ...PURE, ...WEBRTC],
          isolate: false, // a quarter of all time went into importing libp2p for each file anew
          setupFiles: './tests/after-file.ts',
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'webrtc',
          include: WEBRTC,
          exclude: [`**/*.browser.${TEST}`],
          setupFiles: './tests/after-file.ts',
          ...PATIENCE,
        },
      },
      {
        test: {
          name: 'cometbft', // `npm run test:cometbft`
          include: [`tests/cometbft/**/*.${TEST}`],
          ...PATIENCE,
          testTimeout: 300_000, // several waits for blocks follow each other
          fileParallelism: false, // each has up to five CometBFTs, which must keep their times
        },
      },
      inChromium('browser', ['browser', 'both', 'every'], ISOLATION),
      inChromium('browser-plain', ['every'], {}),
    ],
  },
});
