import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PerigeeError } from '@perigee/wire';
import { EntryIndex, type IndexFormat } from './entry-index.ts';
import { ioError } from './io-error.ts';

export interface IndexedFilesOptions<Entry, State> {
  /** Folder of the store; made when it is not there. */
  readonly dir: string;
  /** Its folder of files; the index is in `index` beside it. */
  readonly files: string;
  readonly index: IndexFormat<Entry, State>;
  /** Told of what of the index cannot be read. */
  readonly onFault: (error: PerigeeError) => void;
}

/**
 * Opens a folder of files that describe themselves, and the index of them.
 *
 * @param begin sets right what a crash left; when it fails, the index is closed
 * @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, STORE_FULL, INTERNAL, and what `begin` throws
 */
export async function openIndexedFiles<Entry, T, State = never>(
  { dir, files, index: format, onFault }: IndexedFilesOptions<Entry, State>,
  begin: (filesDir: string, index: EntryIndex<Entry, State>) => Promise<T>,
): Promise<T> {
  const filesDir = join(dir, files);
  try {
    await mkdir(filesDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw ioError(cause, `make folder ${filesDir}`);
  }
  const index = await EntryIndex.open(join(dir, 'index'), format, onFault);
  try {
    return await begin(filesDir, index);
  } catch (cause) {
    await index.close();
    throw ioError(cause, `read folder ${filesDir}`);
  }
}

export interface TakeInOptions {
  /** Whether a name is of a file of the store. */
  readonly isName: (name: string) => boolean;
  /** The index was begun anew. */
  readonly isLost: boolean;
  /** Gives the index an entry of a file, if it can be told. */
  readonly takeIn: (name: string) => Promise<void>;
  /** Told of an index that was lost. */
  readonly onFault: (error: PerigeeError) => void;
}

/**
 * Gives an index the files that it does not know: a crash came before their entry was written, or the index was lost.
 *
 * @returns names of all files of the store
 */
export async function takeInFiles(
  filesDir: string,
  index: Pick<EntryIndex<unknown>, 'entries'>,
  { isName, isLost, takeIn, onFault }: TakeInOptions,
): Promise<Set<string>> {
  const names = new Set((await readdir(filesDir)).filter(isName));
  if (isLost && names.size > 0) {
    onFault(new PerigeeError('STORE_CORRUPT', `index of ${filesDir} was lost; it is made anew from ${names.size} files`));
  }
  for (const name of names) if (!index.entries.has(name)) await takeIn(name);
  return names;
}
