import { chmod, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { equal, FILE_SEGMENT_BYTES, type FolderFile, PerigeeError } from '@perigee/wire';
import { exists, ioError, isThere, syncFolder } from '../../retrieve/sinks/disk.ts';
import type { StoredFolder } from '../folder/stored-folder.ts';
import { download } from '../get/download.ts';
import type { FileParts } from '../parts.ts';
import { hashSource } from '../put/hash-source.ts';
import { diskPlace } from './disk-place.ts';
import { handleSource } from './handle-source.ts';
import { freeLock, takeLock } from './lock-file.ts';

const EXECUTABLE = 0o755;

export interface GetFolderOptions {
  readonly parts: FileParts;
  readonly folder: StoredFolder;
  /** Where it goes; nothing must be there. */
  readonly target: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FolderProgress) => void;
}

export interface FolderProgress {
  readonly verifiedBytes: number;
  readonly totalBytes: number;
  /** Bytes received. */
  readonly bytesIn: number;
}

/**
 * Fetches a folder. Until all of it is there it is `<target>.part`, where a later run goes on: files of their own with the segments that came, those that
 * lie together from the start.
 *
 * @throws INVALID_ARGUMENT when something is there, REFUSED while another process writes it, NOT_FOUND, STORE_FULL, ABORTED, INTERNAL
 */
export async function getFolder(options: GetFolderOptions): Promise<FolderProgress> {
  const { target } = options;
  if (await exists(target)) throw isThere(target);
  const lock = `${target}.part.lock`;
  const owner = await takeLock(lock);
  if (owner !== undefined)
    throw new PerigeeError('REFUSED', `process ${owner} writes ${target}; wait for it, or name another folder`);
  try {
    const part = `${target}.part`;
    await mkdir(part).catch(unlessThere);
    const progress = await new FolderGet(options, part).run();
    try {
      await rename(part, target);
      await syncFolder(dirname(target));
    } catch (cause) {
      throw ioError(cause, `finish ${target}`);
    }
    return progress;
  } finally {
    await freeLock(lock);
  }
}

class FolderGet {
  readonly #options: GetFolderOptions;
  readonly #root: string;
  readonly #folders = new Set<string>();
  #verifiedBytes = 0;
  #bytesIn = 0;

  constructor(options: GetFolderOptions, root: string) {
    this.#options = options;
    this.#root = root;
  }

  async run(): Promise<FolderProgress> {
    const { folder } = this.#options.folder;
    const byPart = new Map<number, FolderFile[]>();
    for (const file of folder.files) {
      if (file.part === undefined) await this.#write(file, []);
      else byPart.set(file.part, [...(byPart.get(file.part) ?? []), file]);
    }
    for (const [number, files] of byPart) {
      const length = folder.parts[number]?.length;
      const whole = files.filter(({ offset, size }) => offset === 0 && size === length);
      if (whole.length > 0) await this.#whole(number, whole);
      const places = new Map<string, FolderFile[]>();
      for (const file of files.filter((one) => !whole.includes(one))) {
        const key = `${file.offset} ${file.size}`;
        places.set(key, [...(places.get(key) ?? []), file]);
      }
      for (const run of runsOf([...places.values()].flatMap(([one]) => one ?? []))) await this.#run(number, run);
      for (const [one, ...others] of places.values()) if (one !== undefined) await this.#copy(one, others);
    }
    for (const { path, executable } of folder.files) if (executable) await chmod(this.#pathOf(path), EXECUTABLE);
    return this.#progress();
  }

  /** Files that are each a stored file: the first is fetched, the others are copies. */
  async #whole(number: number, [first, ...others]: FolderFile[]): Promise<void> {
    if (first === undefined) return;
    const { parts, folder, signal } = this.#options;
    const path = await this.#madePath(first.path);
    const file = await folder.part(number, signal);
    const before = this.#verifiedBytes;
    if (!(await this.#isThere(path, file))) {
      const place = await diskPlace(path, { overwrite: true });
      const bytesBefore = this.#bytesIn;
      try {
        const onProgress = ({ verifiedBytes, bytesIn }: { verifiedBytes: number; bytesIn: number }): void => {
          this.#verifiedBytes = before + verifiedBytes;
          this.#bytesIn = bytesBefore + bytesIn;
          this.#tell();
        };
        await download({ ...parts, file, place, signal, onProgress });
        await place.finish();
      } finally {
        await place.close();
      }
    }
    this.#verifiedBytes = before + first.size;
    await this.#copy(first, others);
  }

  /** What has the same bytes is fetched once. */
  async #copy(file: FolderFile, others: readonly FolderFile[]): Promise<void> {
    for (const { path, size } of others) {
      await copyFile(this.#pathOf(file.path), await this.#madePath(path)).catch((cause: unknown) => {
        throw ioError(cause, `write ${path}`);
      });
      this.#verifiedBytes += size;
    }
    this.#tell();
  }

  /** Whether an earlier run has fetched it. */
  async #isThere(path: string, { root, length }: { readonly root: Uint8Array; readonly length: number }): Promise<boolean> {
    const { parts, signal } = this.#options;
    if ((await stat(path).catch(() => undefined))?.size !== length) return false;
    const handle = await open(path);
    try {
      const tree = await hashSource(await handleSource(handle, path), { pool: parts.pool, signal });
      return equal(tree.root, root);
    } finally {
      await handle.close();
    }
  }

  /** Files that lie one after another in one stored file, read through once. */
  async #run(number: number, run: readonly FolderFile[]): Promise<void> {
    const { folder, signal } = this.#options;
    const last = run.at(-1);
    const [first] = run;
    if (first === undefined || last === undefined) return;
    const onBytes = (count: number): void => {
      this.#bytesIn += count;
    };
    const range = { from: first.offset, to: last.offset + last.size };
    const stored = { path: '', size: range.to, part: number, offset: 0, executable: false };
    let at = range.from;
    let next = 0;
    let pieces: Uint8Array[] = [];
    for await (const piece of folder.read(stored, range, { signal, onBytes })) {
      for (let from = 0; from < piece.length; ) {
        const file = run[next];
        if (file === undefined) break;
        // what lies between two files is nobody's
        const skip = Math.max(0, file.offset - at);
        const take = Math.min(piece.length - from - skip, file.offset + file.size - Math.max(at, file.offset));
        if (skip >= piece.length - from) {
          at += piece.length - from;
          break;
        }
        pieces.push(piece.subarray(from + skip, from + skip + take));
        from += skip + take;
        at += skip + take;
        if (at < file.offset + file.size) continue;
        await this.#write(file, pieces);
        pieces = [];
        next++;
        this.#tell();
      }
    }
  }

  async #write({ path, size }: FolderFile, pieces: readonly Uint8Array[]): Promise<void> {
    const fail = (cause: unknown): never => {
      throw ioError(cause, `write ${path}`);
    };
    const full = await this.#madePath(path);
    await rm(full, { force: true }).catch(fail);
    const file = await open(full, 'wx').catch(fail);
    try {
      for (const piece of pieces) await file.writeFile(piece);
      await file.datasync();
    } catch (cause) {
      fail(cause);
    } finally {
      await file.close();
    }
    this.#verifiedBytes += size;
  }

  /** The path of a file, with the folders above it made. */
  async #madePath(path: string): Promise<string> {
    const names = path.split('/').slice(0, -1);
    for (let i = 1; i <= names.length; i++) {
      const folder = names.slice(0, i).join('/');
      if (this.#folders.has(folder)) continue;
      await mkdir(this.#pathOf(folder)).catch(unlessThere);
      this.#folders.add(folder);
    }
    return this.#pathOf(path);
  }

  #pathOf(path: string): string {
    return join(this.#root, ...path.split('/'));
  }

  #progress(): FolderProgress {
    const totalBytes = this.#options.folder.folder.files.reduce((sum, { size }) => sum + size, 0);
    return { verifiedBytes: this.#verifiedBytes, totalBytes, bytesIn: this.#bytesIn };
  }

  #tell(): void {
    this.#options.onProgress?.(this.#progress());
  }
}

/** Files of one stored file, ascending, in runs that are worth reading through; none of a run lies in another. */
function runsOf(files: readonly FolderFile[]): FolderFile[][] {
  const runs: FolderFile[][] = [];
  for (const file of files.toSorted((a, b) => a.offset - b.offset || a.size - b.size)) {
    const run = runs.find((one) => {
      const last = one.at(-1);
      const end = (last?.offset ?? 0) + (last?.size ?? 0);
      return file.offset >= end && file.offset - end <= FILE_SEGMENT_BYTES;
    });
    if (run === undefined) runs.push([file]);
    else run.push(file);
  }
  return runs;
}

function unlessThere(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'EEXIST') throw ioError(cause, 'make a folder');
}
