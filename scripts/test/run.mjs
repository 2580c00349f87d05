// @ts-check
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { start } from '../lib/children.mjs';
import { at, ROOT } from '../lib/paths.mjs';
import { seconds } from '../lib/step.mjs';
import { emptyTally, lastLine, sum } from './tally.mjs';

/**
 * One kind of check. Each runs a program of its own, so that a crash of one does not keep the others from running.
 *
 * @typedef {object} Stage
 * @property {string} name
 * @property {() => Promise<import('./tally.mjs').Tally>} run
 */

/** A stage that a program decides by its exit code: one test. @param {string} name @param {readonly string[]} args @returns {Stage} */
export function check(name, args) {
  return {
    name,
    async run() {
      const { code, output } = await node(args, { quiet: true });
      const skipped = /^skipped: (.*)$/m.exec(output)?.[1];
      if (code !== 0) console.log(output.trimEnd());
      if (code !== 0) return { ...emptyTally(), failed: [name] };
      return skipped === undefined ? { ...emptyTally(), passed: 1 } : { ...emptyTally(), skipped: [{ name, reason: skipped }] };
    },
  };
}

/** A stage whose program counts its own tests into the file PERIGEE_TALLY. @param {string} name @param {readonly string[]} args @returns {Stage} */
export function suite(name, args) {
  return {
    name,
    async run() {
      const file = at(`test-results/${name}.json`);
      mkdirSync(at('test-results'), { recursive: true });
      rmSync(file, { force: true });
      const { code } = await node(args, { quiet: false, env: { PERIGEE_TALLY: file } });
      /** @type {import('./tally.mjs').Tally} */
      const tally = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : emptyTally();
      if (code !== 0 && tally.failed.length === 0) tally.failed.push(`${name} ended with exit code ${code}`);
      return tally;
    },
  };
}

/** Checks that run at the same time: most have one thread, and none of them takes any notice of the time. @param {string} name @param {readonly Stage[]} stages @returns {Stage} */
export function together(name, stages) {
  return {
    name,
    async run() {
      const tallies = stages.map(async (stage) => {
        const start = Date.now();
        const tally = await stage.run();
        console.log(`  ${stage.name}: ${lastLine(tally)} (${seconds(start)})`);
        return tally;
      });
      return sum(await Promise.all(tallies));
    },
  };
}

/**
 * Runs Node on a program of this clone.
 *
 * @param {readonly string[]} args
 * @param {{ quiet: boolean, env?: Record<string, string> }} options `quiet` keeps the output to itself
 */
export async function node(args, { quiet, env = {} }) {
  const child = start(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code: /** @type {number | null} */ (code), output };
}
