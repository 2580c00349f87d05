// @ts-check
import { parseArgs } from 'node:util';

/** Seconds since `start` (milliseconds), for people. @param {number} start */
export const seconds = (start) => `${((Date.now() - start) / 1000).toFixed(1)} s`;

/** What takes longer says what it is, milliseconds. */
const SAY_MS = 300;
/** How often it says that it goes on: in place on a terminal, else as a line. */
const AGAIN_MS = { terminal: 1_000, lines: 30_000 };
const CLEAR = '\r\u001b[K';

/**
 * Runs one step: says what it is while it goes on, and prints how long it took.
 *
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} run
 * @param {() => string} [doing] what it does at the moment, where that is more than its name
 * @returns {Promise<T>}
 */
export async function step(name, run, doing = () => name) {
  const start = Date.now();
  const { isTTY } = process.stdout;
  const say = () => {
    const words = `· ${doing()} … (${seconds(start)})`;
    process.stdout.write(isTTY ? CLEAR + words : `${words}\n`);
  };
  let timer = setTimeout(() => {
    say();
    timer = setInterval(say, isTTY ? AGAIN_MS.terminal : AGAIN_MS.lines);
  }, SAY_MS);
  const end = () => {
    clearInterval(timer);
    if (isTTY) process.stdout.write(CLEAR);
  };
  try {
    const result = await run();
    end();
    console.log(`· ${name} (${seconds(start)})`);
    return result;
  } finally {
    end();
  }
}

/** An error that the user can act on: printed as its one sentence, without a stack. */
export class UserError extends Error {}

/**
 * The options of a script's command line.
 *
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {Config & { options: object }} config
 * @param {string} usage printed for `--help`, and behind what was wrong
 * @returns {ReturnType<typeof parseArgs<Config>>['values']}
 */
export function readOptions(config, usage) {
  if (process.argv.includes('--help')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs(config).values;
  } catch (error) {
    throw new UserError(`${/** @type {Error} */ (error).message}\n${usage}`);
  }
}

/**
 * Runs a script's main function; an error ends the process with 1 and is printed, a `UserError` as one sentence.
 *
 * @param {() => Promise<void>} run
 */
export async function main(run) {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  }
}
