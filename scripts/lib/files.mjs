// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { at, ROOT } from './paths.mjs';

/**
 * Files at or below `paths`, sorted, as paths below the clone with `/`. What does not exist gives nothing.
 *
 * @param {readonly string[]} paths files or folders below the clone
 * @param {(path: string) => boolean} [keep]
 * @returns {string[]}
 */
export function filesUnder(paths, keep = () => true) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} path */
  const walk = (path) => {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path)) if (name !== 'node_modules') walk(join(path, name));
    } else found.push(relative(ROOT, path).split(sep).join('/'));
  };
  for (const path of paths) if (existsSync(at(path))) walk(at(path));
  return found.filter(keep).sort();
}

/**
 * SHA-256 over names and contents of the files.
 *
 * @param {readonly string[]} files paths below the clone
 * @param {string} [extra] anything else that decides the result
 */
export function hashFiles(files, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const file of files) {
    const bytes = readFileSync(at(file));
    hash.update(`\0${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
