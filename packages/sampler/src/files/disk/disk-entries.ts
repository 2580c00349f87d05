import { constants, open, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { MAX_FOLDER_FILES, PerigeeError } from '@perigee/wire';
import { ioError } from '../../retrieve/sinks/disk.ts';
import type { FolderEntry } from '../folder/folder-entry.ts';
import { handleSource } from './handle-source.ts';

/**
 * The files below a folder, as they are now. Links are not followed: they are refused, as is what is neither a file nor a folder.
 *
 * @throws INVALID_ARGUMENT, INTERNAL with what the system says
 */
export async function diskEntries(folder: string): Promise<FolderEntry[]> {
  const entries: FolderEntry[] = [];
  const visit = async (path: string): Promise<void> => {
    const found = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
      throw ioError(cause, `read folder ${path}`);
    });
    for (const one of found) {
      const full = join(path, one.name);
      if (one.isDirectory()) await visit(full);
      else if (one.isFile()) entries.push(await entryOf(folder, full));
      else
        throw new PerigeeError(
          'INVALID_ARGUMENT',
          `${full} is neither a file nor a folder (links are not followed): take it out, and try again`,
        );
      if (entries.length > MAX_FOLDER_FILES)
        throw new PerigeeError('INVALID_ARGUMENT', `${folder} has more than ${MAX_FOLDER_FILES} files`);
    }
  };
  await visit(folder);
  if (entries.length === 0) throw new PerigeeError('INVALID_ARGUMENT', `there is no file in ${folder}`);
  return entries;
}

async function entryOf(folder: string, full: string): Promise<FolderEntry> {
  const { size, mode, mtimeMs, ctimeMs } = await stat(full);
  return {
    path: relative(folder, full).split(sep).join('/').normalize('NFC'),
    size,
    executable: (mode & constants.S_IXUSR) !== 0,
    async open() {
      const handle = await open(full, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
        throw ioError(cause, `read ${full}`);
      });
      const source = await handleSource(handle, full, { size, mtimeMs, ctimeMs });
      return { ...source, close: () => handle.close() };
    },
  };
}
