// @ts-check
import { existsSync } from 'node:fs';
import { ensureChromium, webrtcObstacle } from '../chromium.mjs';
import { ensureCometbft } from '../cometbft.mjs';
import { at } from '../lib/paths.mjs';
import { check, node, suite, together } from './run.mjs';
import { emptyTally } from './tally.mjs';

/** @typedef {import('./run.mjs').Stage} Stage */

const VITEST = 'node_modules/vitest/vitest.mjs';
const PLAYWRIGHT = 'node_modules/@playwright/test/cli.js';

/** Checks that only read. @returns {Stage[]} */
export function staticStages() {
  const checks = [
    check('types', ['node_modules/typescript/bin/tsc']),
    check('lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--colors=off', '.']),
    check('knip', ['node_modules/knip/bin/knip.js', '--no-progress']),
    check('import walls', ['scripts/walls.mjs']),
    check('sizes', ['scripts/sizes.mjs']),
  ];
  return [together('static checks', checks)];
}

/** Whether the committed kernels are what their sources give; skipped where the compiler cannot be installed. @returns {Stage[]} */
export function wasmStages() {
  return existsSync(at('scripts/build-wasm.mjs')) ? [check('kernels rebuilt', ['scripts/build-wasm.mjs', '--check'])] : [];
}

/** @returns {Stage[]} */
export function unitStages() {
  return [suite('unit', vitest(['node', 'pure', 'webrtc']))];
}

/** Tests in Chromium; without one they are skipped by name. @returns {Stage[]} */
export function chromiumStages() {
  const chromium = ensureChromium();
  const browser = vitest(['browser', 'browser-plain']);
  const e2e = [PLAYWRIGHT, 'test', '--pass-with-no-tests', '--reporter=line,./scripts/test/playwright-reporter.mjs'];
  if ('path' in chromium) {
    process.env.CHROMIUM_PATH = chromium.path;
    const obstacle = webrtcObstacle();
    if (obstacle !== undefined) console.log(`· WebRTC tests will be skipped: ${obstacle}`);
    return [suite('browser', browser), suite('e2e', e2e)];
  }
  return [
    skipped('browser', [VITEST, 'list', '--static-parse', '--project=browser', '--project=browser-plain'], chromium.reason),
    skipped('e2e', [PLAYWRIGHT, 'test', '--list', '--pass-with-no-tests'], chromium.reason),
  ];
}

/** Tests with CometBFT itself; without it they are skipped by name. @returns {Stage[]} */
export function cometbftStages() {
  return [
    {
      name: 'cometbft',
      async run() {
        const cometbft = await ensureCometbft();
        if ('path' in cometbft) {
          process.env.PERIGEE_COMETBFT = cometbft.path;
          return suite('cometbft', vitest(['cometbft'])).run();
        }
        return skipped('cometbft', [VITEST, 'list', '--static-parse', '--project=cometbft'], cometbft.reason).run();
      },
    },
  ];
}

/** @param {readonly string[]} projects */
function vitest(projects) {
  const reporters = ['--reporter=default', '--reporter=./scripts/test/vitest-reporter.mjs'];
  return [VITEST, 'run', '--pass-with-no-tests', ...projects.map((project) => `--project=${project}`), ...reporters];
}

/** Names the tests of a suite that cannot run; both programs list one test a line, with ` > ` or ` › ` in it. @param {string} name @param {readonly string[]} list @param {string} reason @returns {Stage} */
function skipped(name, list, reason) {
  return {
    name,
    async run() {
      const { output } = await node(list, { quiet: true });
      const names = output.split('\n').filter((line) => / [>›] /.test(line));
      return { ...emptyTally(), skipped: names.map((test) => ({ name: test.trim(), reason })) };
    },
  };
}
