// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { filesUnder, hashFiles } from '../lib/files.mjs';
import { locked } from '../lib/lock.mjs';
import { at } from '../lib/paths.mjs';
import { step, UserError } from '../lib/step.mjs';

/**
 * One thing that the build makes: skipped when the content of its inputs is the one that made the present output.
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {string} output folder below the clone
 * @property {readonly string[]} [others] folders of the output that other parts make
 * @property {readonly string[]} inputs files and folders below the clone whose content decides the output
 * @property {boolean} [forTests] made of what tests have beside them, too
 * @property {(folder: string) => Promise<void>} make writes the whole output into an empty folder (absolute path)
 */

const COMMON_INPUTS = ['package-lock.json', 'tsconfig.json', 'scripts/build', 'scripts/lib'];

/**
 * The output is made in a folder beside and then moved, so a failed build leaves the old output, and programs that run from it never
 * see half a file. What the new output does not hold is deleted.
 *
 * @param {Part} part
 */
export async function buildPart({ name, output, others = [], inputs, forTests = false, make }) {
  await locked(at(`dist/.lock-${name}`), async () => {
    const stamp = at(`${output}/.inputs-${name}`);
    const hash = hashFiles(filesUnder([...COMMON_INPUTS, ...inputs], forTests ? isTestInput : isInput), name);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
    await step(`build ${output}`, async () => {
      const fresh = at(`dist/.new-${name}`);
      rmSync(fresh, { recursive: true, force: true });
      mkdirSync(fresh, { recursive: true });
      await make(fresh).catch((error) => {
        throw new UserError(
          `${output} could not be built.\n${stripVTControlCharacters(error instanceof Error ? error.message : String(error))}`,
        );
      });
      rmSync(stamp, { force: true });
      replace(fresh, at(output), others);
      rmSync(fresh, { recursive: true, force: true });
      writeFileSync(stamp, hash);
    });
  });
}

/** Tests and words do not change what is built. @param {string} path */
function isInput(path) {
  return !path.endsWith('.md') && !path.includes('/test/');
}

/** What is built for tests is made of their jobs, and of what stands beside those. @param {string} path */
function isTestInput(path) {
  return !path.endsWith('.md') && !/\.test\.tsx?$/.test(path);
}

/** Moves a folder's files over another folder's. @param {string} from @param {string} to @param {readonly string[]} others */
function replace(from, to, others) {
  mkdirSync(to, { recursive: true });
  const files = list(from);
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    renameSync(join(from, file), join(to, file));
  }
  const kept = new Set(files);
  const mine = (/** @type {string} */ file) => !others.some((folder) => file.startsWith(`${folder}/`));
  for (const file of list(to)) if (mine(file) && !kept.has(file)) rmSync(join(to, file), { force: true });
}

/** @param {string} folder */
function list(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}
