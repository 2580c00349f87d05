import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PerigeeError } from '@perigee/wire';
import type { BlobSink } from '../../requests.ts';
import { exists, ioError, isRunning, isThere, renameToNew, syncFolder } from './disk.ts';

/** Stands between a file's name and the process and number of a run that writes it. */
const PART = '.part-';

/**
 * A file that appears under its name only when it is whole: until then the bytes are in `<path>.part-<process>-<random>` beside it. What crashed
 * runs left of the same file is removed first.
 *
 * @param path where the file goes; it is the caller's to look at a name that comes from elsewhere
 * @param options `overwrite`: take the place of a file that is there
 * @throws INVALID_ARGUMENT when it is there already, STORE_FULL, INTERNAL with what the system says; so do the methods of the sink
 */
export async function fileSink(path: string, { overwrite = false }: { overwrite?: boolean } = {}): Promise<BlobSink> {
  if (!overwrite && (await exists(path))) throw isThere(path);
  await removeLeftovers(path);
  const part = `${path}${PART}${process.pid}-${randomBytes(8).toString('hex')}`;
  const file = await open(part, 'wx').catch((cause: unknown) => {
    throw ioError(cause, `write ${path}`);
  });
  return new FileSink(path, part, file, overwrite);
}

class FileSink implements BlobSink {
  readonly #path: string;
  readonly #part: string;
  readonly #overwrite: boolean;
  #file: FileHandle | undefined;

  constructor(path: string, part: string, file: FileHandle, overwrite: boolean) {
    this.#path = path;
    this.#part = part;
    this.#file = file;
    this.#overwrite = overwrite;
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#open().writeFile(bytes); // from where the last write ended, and all of it
    } catch (cause) {
      throw ioError(cause, `write ${this.#path}`);
    }
  }

  async close(): Promise<void> {
    const file = this.#open();
    try {
      await file.sync(); // the name must not come before the bytes do
      await this.#release();
      await (this.#overwrite ? rename(this.#part, this.#path) : renameToNew(this.#part, this.#path));
      await syncFolder(dirname(this.#path));
    } catch (cause) {
      throw ioError(cause, `finish ${this.#path}`);
    }
  }

  async abort(): Promise<void> {
    await this.#release().catch(() => {}); // what matters is that nothing of it is left
    await rm(this.#part, { force: true });
  }

  #open(): FileHandle {
    if (this.#file === undefined) throw new PerigeeError('INVALID_ARGUMENT', `${this.#path} is closed already`);
    return this.#file;
  }

  async #release(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

/** Parts of this file whose process does not run any more. */
async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `${basename(path)}${PART}`;
  const names = await readdir(folder).catch((cause: unknown) => {
    throw ioError(cause, `read folder ${folder}`);
  });
  for (const name of names) {
    const pid = name.startsWith(prefix) ? /^(\d+)-[0-9a-f]{16}$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}
