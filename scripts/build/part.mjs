// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesUnder, hashFiles } from '../lib/files.mjs';
import { locked } from '../lib/lock.mjs';
import { at } from '../lib/paths.mjs';
import { step } from '../lib/step.mjs';

/**
 * One thing that the build makes: skipped when the content of its inputs is the one that made the present output.
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {string} output folder below the clone
 * @property {readonly string[]} inputs files and folders below the clone whose content decides the output
 * @property {(folder: string) => Promise<void>} make writes the whole output into an empty folder (absolute path)
 */

const COMMON_INPUTS = ['package-lock.json', 'tsconfig.json', 'scripts/build', 'scripts/lib'];

/**
 * The output is made in a folder beside and then moved, so a failed build leaves the old output, and programs that run from it never
 * see half a file. What the new output does not hold is deleted.
 *
 * @param {Part} part
 */
export async function buildPart({ name, output, inputs, make }) {
  await locked(at(`dist/.lock-${name}`), async () => {
    const stamp = at(`dist/.inputs-${name}`);
    const hash = hashFiles(filesUnder([...COMMON_INPUTS, ...inputs], isInput), name);
    if (existsSync(at(output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
    await step(`build ${output}`, async () => {
      const fresh = at(`dist/.new-${name}`);
      rmSync(fresh, { recursive: true, force: true });
      mkdirSync(fresh, { recursive: true });
      await make(fresh);
      rmSync(stamp, { force: true });
      replace(fresh, at(output));
      rmSync(fresh, { recursive: true, force: true });
      writeFileSync(stamp, hash);
    });
  });
}

/** @param {string} path */
function isInput(path) {
  return !/(^|\/)(test|dist)\/(?!jobs\/)/.test(path) && !path.endsWith('.md');
}

/** Moves a folder's files over another folder's. @param {string} from @param {string} to */
function replace(from, to) {
  mkdirSync(to, { recursive: true });
  const files = list(from);
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    renameSync(join(from, file), join(to, file));
  }
  const kept = new Set(files);
  for (const file of list(to)) if (!kept.has(file)) rmSync(join(to, file));
}

/** @param {string} folder */
function list(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
