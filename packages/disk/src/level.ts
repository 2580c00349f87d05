/** LevelDB as the stores of nodes use it: values as bytes, one process a folder, errors as ours. */
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { PerigeeError, Turn, u32le } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { ioError } from './io-error.ts';

const FORMAT_KEY = 'format';

type Level = ClassicLevel<string, Uint8Array>;

/**
 * Folders that this process has open. A second LevelDB on one of them would fail, but on its way out close the lock file, and by the rules of
 * POSIX that gives up the lock that the first one holds against other processes.
 */
const openHere = new Set<string>();

/**
 * Opens what is in a folder, which is made when it is not there. Its `close` says `letGo`.
 *
 * @param what for errors
 * @throws STORE_LOCKED, and what `act` throws
 */
export async function openOnce<T>(folder: string, what: string, act: (path: string) => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = await realpath(folder);
  if (openHere.has(path)) throw new PerigeeError('STORE_LOCKED', `${folder} is open in this process already`);
  openHere.add(path);
  try {
    return await act(path);
  } catch (error) {
    openHere.delete(path);
    throw ioError(error, `open ${what} in ${folder}`);
  }
}

/** @param path as `openOnce` gave it */
export function letGo(path: string): void {
  openHere.delete(path);
}

/**
 * Opens an index of what is in files beside it. What cannot be read is put aside as `<folder>.damaged`, and a new one begun: the files tell what belongs into it.
 *
 * @param folder as `openOnce` gave it
 * @param onFault told of what was put aside
 * @throws what `open` throws, but STORE_CORRUPT only of the new one
 */
export async function openOrReplace<T>(
  folder: string,
  onFault: (error: PerigeeError) => void,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof PerigeeError && error.code === 'STORE_CORRUPT')) throw error;
    const aside = `${folder}.damaged`;
    await rm(aside, { recursive: true, force: true });
    await rename(folder, aside);
    onFault(new PerigeeError('STORE_CORRUPT', `index ${folder} cannot be read; it is now ${aside}`, { cause: error }));
    return open();
  }
}

/** A database of a known version, which takes writes again after one that failed. */
export class OpenLevel {
  /** There was no database in the folder before. */
  readonly isNew: boolean;
  readonly #folder: string;
  readonly #turn = new Turn();
  #level: Level;
  /** A write failed, on a full disk: LevelDB takes no more until it is opened anew. */
  #failed = false;

  private constructor(folder: string, level: Level, isNew: boolean) {
    this.#folder = folder;
    this.#level = level;
    this.isNew = isNew;
  }

  /**
   * @param what is in the folder, for errors
   * @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, STORE_FULL, INTERNAL
   */
  static async open(folder: string, format: number, what: string): Promise<OpenLevel> {
    const level = await openLevel(folder);
    try {
      return new OpenLevel(folder, level, await checkFormat(level, format, folder, what));
    } catch (cause) {
      await level.close();
      throw levelError(cause, folder);
    }
  }

  /** All that is kept, in order of keys, but the version. @throws STORE_CORRUPT, INTERNAL */
  async *entries(): AsyncGenerator<[key: string, value: Uint8Array], void, undefined> {
    try {
      for await (const entry of this.#level.iterator()) if (entry[0] !== FORMAT_KEY) yield entry;
    } catch (cause) {
      throw levelError(cause, this.#folder);
    }
  }

  /** Asks the database itself. @throws STORE_CORRUPT, INTERNAL */
  async read<T>(ask: (level: Level) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#level);
    } catch (cause) {
      throw levelError(cause, this.#folder);
    }
  }

  /**
   * Writes, one after another. Of a write that fails nobody knows whether it is there: it may be written again.
   *
   * @throws STORE_FULL, STORE_CORRUPT, INTERNAL
   */
  write(act: (level: Level) => Promise<void>): Promise<void> {
    return this.#turn.take(async () => {
      try {
        if (this.#failed) {
          await this.#level.close();
          this.#level = await openLevel(this.#folder);
          this.#failed = false;
        }
        await act(this.#level);
      } catch (cause) {
        this.#failed = true;
        throw levelError(cause, this.#folder);
      }
    });
  }

  async close(): Promise<void> {
    await this.#turn.idle();
    await this.#level.close();
  }
}

/** @throws STORE_LOCKED, STORE_CORRUPT, STORE_FULL, INTERNAL */
async function openLevel(folder: string): Promise<Level> {
  const level: Level = new ClassicLevel(folder, { valueEncoding: 'view' });
  try {
    await level.open();
    return level;
  } catch (cause) {
    throw levelError(cause, folder);
  }
}

/**
 * Writes the version of a new database, or compares that of one that is there.
 *
 * @returns whether it is new
 * @throws STORE_VERSION, STORE_CORRUPT
 */
async function checkFormat(level: Level, known: number, folder: string, what: string): Promise<boolean> {
  const format = await level.get(FORMAT_KEY);
  if (format === undefined) {
    await level.put(FORMAT_KEY, u32le(known), { sync: true });
    return true;
  }
  const version = format.length === 4 ? new DataView(format.buffer, format.byteOffset).getUint32(0, true) : undefined;
  if (version === known) return false;
  if (version === undefined || version === 0) throw new PerigeeError('STORE_CORRUPT', `index ${folder} has no readable version`);
  throw new PerigeeError(
    'STORE_VERSION',
    `${what} in ${folder} have format ${version}; this program knows ${known}: use a newer one`,
  );
}

/** abstract-level wraps what LevelDB said; LevelDB says it in words. */
function levelError(error: unknown, folder: string): PerigeeError {
  if (error instanceof PerigeeError) return error;
  const options = { cause: error };
  const { code, message } = rootCause(error);
  if (code === 'LEVEL_LOCKED')
    return new PerigeeError('STORE_LOCKED', `${folder} is in use by another process: stop it first`, options);
  if (/no space left|file too large|quota exceeded/i.test(message)) {
    return new PerigeeError('STORE_FULL', `no room to write the index in ${folder}: free disk space`, options);
  }
  const damaged = code === 'LEVEL_CORRUPTION' || /corruption|no such file/i.test(message);
  return new PerigeeError(damaged ? 'STORE_CORRUPT' : 'INTERNAL', `index ${folder} cannot be used: ${message}`, options);
}

function rootCause(error: unknown): { code: string; message: string } {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  const code = root instanceof Error && 'code' in root ? String(root.code) : '';
  return { code, message: root instanceof Error ? root.message : String(root) };
}
