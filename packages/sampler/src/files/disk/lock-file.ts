import { open, readFile, rm } from 'node:fs/promises';
import { codeOf, ioError, isRunning } from '../../retrieve/sinks/disk.ts';

/** As long as a process may take to write its number into the lock that it has made, milliseconds. */
const MAKING_MS = 100;

/** Locks of this process: a lock file names a process, and one process may do many things. */
const own = new Set<string>();

/**
 * Takes a lock that is a file with the number of the process that has it. What a process left that does not run any more is no lock.
 *
 * @returns the process that has it; `undefined` when it is ours now, until the file is removed with `freeLock`
 * @throws STORE_FULL, INTERNAL
 */
export async function takeLock(path: string): Promise<number | undefined> {
  if (own.has(path)) return process.pid;
  own.add(path);
  try {
    for (;;) {
      try {
        const file = await open(path, 'wx', 0o600);
        try {
          await file.writeFile(`${process.pid}\n`);
        } finally {
          await file.close();
        }
        return undefined;
      } catch (cause) {
        if (codeOf(cause) !== 'EEXIST') throw ioError(cause, `write ${path}`);
      }
      const pid = await ownerOf(path);
      if (pid === 'gone') continue; // what another may have made since is not ours to remove
      if (pid !== undefined && pid !== process.pid && isRunning(pid)) {
        own.delete(path);
        return pid;
      }
      await rm(path, { force: true });
    }
  } catch (error) {
    own.delete(path);
    throw error;
  }
}

/**
 * The process that a lock names; `undefined` where it names none. A number without its end may be the beginning of any number: it is being written, or was left
 * by a process that died over it.
 */
async function ownerOf(path: string): Promise<number | 'gone' | undefined> {
  for (let again = false; ; again = true) {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return 'gone';
      throw ioError(cause, `read ${path}`);
    }
    const pid = /^([0-9]{1,10})\n$/.exec(text)?.[1];
    if (pid !== undefined || again) return pid === undefined ? undefined : Number(pid);
    await new Promise((resolve) => setTimeout(resolve, MAKING_MS));
  }
}

/** Gives a lock back. */
export async function freeLock(path: string): Promise<void> {
  await rm(path, { force: true });
  own.delete(path);
}
