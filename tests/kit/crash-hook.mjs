// @ts-check
/**
 * Loaded into a process by `crash.ts` (`node --import`): counts what the process does to the files below one folder, and ends the process with
 * SIGKILL inside the operation that it was told. A write to a file is torn: a part of its bytes is on disk, and the call has not
 * returned. A flush and an operation of LevelDB are begun, and the process dies a moment later while they run.
 *
 * Before the operation begins, a report says which one it is, and up to where each file is known to be flushed.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { ClassicLevel } from 'classic-level';

const { readdirSync, statSync, writeFileSync, writeSync, openSync, renameSync, unlinkSync, realpathSync, rmSync } = fs;

/** @typedef {{ folder: string, operation: number, share: number, spinMicros: number, report: string }} Plan */

/** @type {Plan | undefined} */
const plan = isMainThread && process.env.PERIGEE_CRASH ? JSON.parse(process.env.PERIGEE_CRASH) : undefined;

/** Bytes of each file that survive a power cut. @type {Map<string, number>} */
const flushed = new Map();
/** Paths of open files. @type {WeakMap<object, string>} */
const paths = new WeakMap();
/** Files that were written, the last at the end. @type {Set<string>} */
const written = new Set();
let operations = 0;

/** @param {string} path */
function sizeOf(path) {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return []; // a folder that was not made yet
  }
}

/** @param {readonly string[]} files */
function touch(...files) {
  for (const file of files) {
    written.delete(file);
    written.add(file);
  }
}

/** What LevelDB writes to before anything else. @param {string} folder */
function logsIn(folder) {
  return filesBelow(folder).filter((file) => file.endsWith('.log'));
}

/** Counts an operation, and says whether the process shall die in it. @param {Plan} plan @param {string} kind @param {string} path @param {number} bytes */
function isLast({ folder, operation, share, report }, kind, path, bytes) {
  if (!path.startsWith(folder + sep)) return false;
  if (kind === 'leveldb') touch(...logsIn(dirname(path)));
  else if (kind !== 'flush') touch(path);
  if (++operations !== operation) return false;
  const torn = kind === 'write' ? Math.floor(bytes * share) : undefined;
  const state = { flushed: Object.fromEntries(flushed), order: [...written] };
  writeFileSync(report, JSON.stringify({ operation, kind, path, bytes, written: torn, ...state }));
  return true;
}

/** @returns {never} */
function die() {
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal has come before this is reached
}

/** @param {Plan} plan @returns {never} */
function dieSoon({ spinMicros }) {
  const end = process.hrtime.bigint() + BigInt(spinMicros) * 1_000n;
  while (process.hrtime.bigint() < end);
  die();
}

/** @param {unknown} data @returns {Uint8Array} */
function bytesOf(data) {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(String(data));
}

/** Torn: the first bytes are written, the call never returns. @param {Plan} plan @param {number} fd @param {Uint8Array} bytes @param {number | null} at @returns {never} */
function tear({ share }, fd, bytes, at) {
  const end = Math.floor(bytes.length * share);
  for (let done = 0; done < end; ) done += writeSync(fd, bytes, done, end - done, at === null ? null : at + done);
  die();
}

/** @param {Plan} plan */
async function watchFiles(plan) {
  const { promises } = fs;
  const { open, rename, unlink, rm, writeFile } = promises;
  const handle = await open(process.execPath, 'r');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();

  promises.open = async (path, ...rest) => {
    const file = await open(path, ...rest);
    try {
      paths.set(file, realpathSync(String(path)));
    } catch {
      // it has no name any more
    }
    return file;
  };

  const { write, writev, writeFile: writeAll, sync, datasync, truncate } = prototype;
  prototype.write = function (/** @type {any} */ data, /** @type {any[]} */ ...rest) {
    const path = paths.get(this) ?? '';
    const whole = bytesOf(data);
    const isOptions = typeof rest[0] === 'object' && rest[0] !== null;
    const {
      offset = 0,
      length = whole.length - offset,
      position = null,
    } = isOptions
      ? rest[0]
      : typeof data === 'string'
        ? { position: rest[0] }
        : { offset: rest[0] ?? undefined, length: rest[1] ?? undefined, position: rest[2] };
    const bytes = whole.subarray(offset, offset + length);
    if (isLast(plan, 'write', path, bytes.length)) tear(plan, this.fd, bytes, typeof position === 'number' ? position : null);
    return write.call(this, data, ...rest);
  };
  prototype.writeFile = prototype.appendFile = function (/** @type {any} */ data, /** @type {any} */ options) {
    const bytes = bytesOf(data);
    if (isLast(plan, 'write', paths.get(this) ?? '', bytes.length)) tear(plan, this.fd, bytes, null);
    return writeAll.call(this, data, options);
  };
  const flushing = (/** @type {() => Promise<void>} */ original) =>
    async function (/** @type {any} */ ...args) {
      // @ts-expect-error `this` is the file
      const [file, path] = [this, paths.get(this) ?? ''];
      const size = sizeOf(path); // what is written later is not part of it
      const last = isLast(plan, 'flush', path, 0);
      const done = original.apply(file, args);
      if (last) dieSoon(plan);
      await done;
      flushed.set(path, size);
    };
  prototype.writev = function (/** @type {Uint8Array[]} */ parts, /** @type {number | undefined} */ position) {
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    if (isLast(plan, 'write', paths.get(this) ?? '', bytes))
      tear(plan, this.fd, Buffer.concat(parts.map(bytesOf)), position ?? null);
    return writev.call(this, parts, position);
  };
  prototype.sync = flushing(sync);
  prototype.datasync = flushing(datasync);
  prototype.truncate = function (/** @type {any[]} */ ...args) {
    const last = isLast(plan, 'truncate', paths.get(this) ?? '', 0);
    const done = truncate.apply(this, args);
    if (last) dieSoon(plan);
    return done;
  };

  promises.writeFile = async (path, data, options) => {
    const bytes = typeof path === 'string' && (typeof data === 'string' || ArrayBuffer.isView(data)) ? bytesOf(data) : undefined;
    if (bytes !== undefined && isLast(plan, 'write', String(path), bytes.length))
      tear(plan, openSync(String(path), 'w'), bytes, null);
    return writeFile(path, data, options);
  };
  promises.rename = async (from, to) => {
    // whichever of the two files has the name after a kill, what was flushed of it stays
    flushed.set(String(to), Math.max(flushed.get(String(from)) ?? 0, flushed.get(String(to)) ?? 0));
    if (isLast(plan, 'rename', String(to), 0)) {
      if (plan.share >= 0.5) renameSync(from, to);
      die();
    }
    await rename(from, to);
    flushed.set(String(to), flushed.get(String(from)) ?? 0);
    flushed.delete(String(from));
  };
  const removing = (/** @type {any} */ original) =>
    /** @type {any} */ (
      async (/** @type {any} */ path, /** @type {any} */ options) => {
        if (isLast(plan, 'delete', String(path), 0)) {
          if (plan.share >= 0.5) options === undefined ? unlinkSync(path) : rmSync(path, options);
          die();
        }
        await original(path, options);
        flushed.delete(String(path));
      }
    );
  promises.unlink = removing(unlink);
  promises.rm = removing(rm);
  syncBuiltinESMExports();
}

/** @param {Plan} plan */
function watchLevel(plan) {
  const prototype = /** @type {any} */ (ClassicLevel.prototype);
  /** @param {{ location: string }} level @param {() => Promise<unknown>} operate @param {any[]} args */
  async function watched(level, operate, args) {
    const folder = realpathSync(level.location);
    const last = isLast(plan, 'leveldb', join(folder, 'CURRENT'), 0);
    const done = operate();
    if (last) dieSoon(plan);
    const result = await done;
    // a synchronous write flushes the log with all that was written before it
    if (args.at(-1)?.sync === true) {
      for (const log of logsIn(folder)) flushed.set(log, sizeOf(log));
    }
    return result;
  }
  for (const name of ['_put', '_del', '_batch', '_clear']) {
    const original = prototype[name];
    prototype[name] = function (/** @type {any[]} */ ...args) {
      return watched(this, () => original.apply(this, args), args);
    };
  }
  const begin = prototype._chainedBatch;
  prototype._chainedBatch = function () {
    const batch = begin.call(this);
    const write = batch._write;
    batch._write = (/** @type {any[]} */ ...args) => watched(this, () => write.apply(batch, args), args);
    return batch;
  };
}

if (plan !== undefined) {
  for (const path of filesBelow(plan.folder)) flushed.set(path, sizeOf(path));
  await watchFiles(plan);
  watchLevel(plan);
}
