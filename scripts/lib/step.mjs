// @ts-check
import { parseArgs } from 'node:util';

/** Seconds since `start` (milliseconds), for people. @param {number} start */
export const seconds = (start) => `${((Date.now() - start) / 1000).toFixed(1)} s`;

/**
 * Runs one step and prints what it was and how long it took.
 *
 * @template T
 * @param {string} name
 * @param {() => T | Promise<T>} run
 * @returns {Promise<T>}
 */
export async function step(name, run) {
  const start = Date.now();
  const result = await run();
  console.log(`· ${name} (${seconds(start)})`);
  return result;
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
