import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '@perigee/disk/files';
import { PerigeeError } from '@perigee/wire';
import { codeOf, ioError, syncFolder } from '../../retrieve/sinks/disk.ts';
import type { TransferJournal } from '../put/journal.ts';
import { freeLock, takeLock } from './lock-file.ts';

/** How often it is looked whether another process is done, milliseconds. */
const LOOK_AGAIN_MS = 100;

/** A journal in a folder of its own, which is made where there is none: a file for each name, replaced whole, readable by its owner. @throws INTERNAL, STORE_FULL; so do its methods */
export async function diskJournal(folder: string): Promise<TransferJournal> {
  const fail = (cause: unknown): never => {
    throw ioError(cause, `keep what transfers are at in ${folder}`);
  };
  await mkdir(folder, { mode: 0o700 }).catch((cause: unknown) => (codeOf(cause) === 'EEXIST' ? undefined : fail(cause)));
  const pathOf = (name: string): string => {
    if (/^[a-z0-9-]{1,160}$/.test(name)) return join(folder, name);
    throw new PerigeeError('INVALID_ARGUMENT', `"${name}" is no name of an entry of a journal`);
  };
  return {
    async read(name) {
      try {
        return new Uint8Array(await readFile(pathOf(name)));
      } catch (cause) {
        return codeOf(cause) === 'ENOENT' ? undefined : fail(cause);
      }
    },
    async write(name, bytes) {
      const path = pathOf(name);
      try {
        await writeFileWhole(path, bytes);
        await syncFolder(folder);
      } catch (cause) {
        fail(cause);
      }
    },
    async remove(name) {
      await rm(pathOf(name), { force: true }).catch(fail);
      await syncFolder(folder);
    },
    async locked(name, signal, act) {
      const lock = `${pathOf(name)}.lock`;
      while ((await takeLock(lock)) !== undefined) {
        if (signal.aborted) throw new PerigeeError('ABORTED', 'stopped while another transfer was waited for');
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
      try {
        return await act();
      } finally {
        await freeLock(lock);
      }
    },
  };
}
