// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from './step.mjs';

const WAIT_MS = 300_000;

/**
 * Runs `work` while no other process of this clone holds the lock; a lock whose process is gone is taken over.
 *
 * @template T
 * @param {string} file
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function locked(file, work) {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new UserError(`${dirname(file)} cannot be made: ${/** @type {Error} */ (error).message}`);
  }
  for (const start = Date.now(); !take(file); await sleep(100)) {
    if (Date.now() - start > WAIT_MS) throw new UserError(`Another process holds ${file}; end it or delete that file.`);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== 'EEXIST') throw new UserError(`${dirname(file)} cannot be written to: ${message}`);
    const holder = Number(readText(file));
    if (holder > 0 && !alive(holder)) rmSync(file, { force: true });
    return false;
  }
}

/** Whether a process with this id runs. @param {number} pid */
export function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
