import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PerigeeError } from '@perigee/wire';
import { exists, ioError, isThere, renameToNew, syncFolder } from '../../retrieve/sinks/disk.ts';
import type { PartialPlace } from '../random-file.ts';
import { diskFile } from './disk-file.ts';
import { freeLock, takeLock } from './lock-file.ts';

/**
 * A file that appears under its name only when it is whole. Until then it is `<path>.part`, with notes of what is there in `<path>.part.notes`; both stay
 * when the program ends, and the next run goes on with them. A lock beside them names the process that writes.
 *
 * @param options `overwrite`: take the place of a file that is there
 * @throws INVALID_ARGUMENT when it is there already, REFUSED while another process writes it, STORE_FULL, INTERNAL
 */
export async function diskPlace(path: string, { overwrite = false }: { overwrite?: boolean } = {}): Promise<PartialPlace> {
  if (!overwrite && (await exists(path))) throw isThere(path);
  const [part, notesPath, lock] = [`${path}.part`, `${path}.part.notes`, `${path}.part.lock`];
  const owner = await takeLock(lock);
  if (owner !== undefined) {
    throw new PerigeeError('REFUSED', `process ${owner} writes ${path}; wait for it, or name another file`);
  }
  const [data, notes] = await Promise.all([diskFile(part), diskFile(notesPath)]).catch(async (error: unknown) => {
    await freeLock(lock);
    throw error;
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await Promise.all([data.close(), notes.close()]);
  };
  const unlock = (): Promise<void> => freeLock(lock);
  return {
    data,
    notes,
    async finish() {
      await close();
      try {
        await (overwrite ? rename(part, path) : renameToNew(part, path));
        await syncFolder(dirname(path));
      } catch (cause) {
        throw ioError(cause, `finish ${path}`);
      }
      await rm(notesPath, { force: true });
      await unlock();
    },
    async close() {
      await close();
      await unlock();
    },
    async remove() {
      await close();
      await rm(part, { force: true });
      await rm(notesPath, { force: true });
      await unlock();
    },
  };
}
