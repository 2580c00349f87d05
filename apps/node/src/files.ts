import type { Stats } from 'node:fs';
import { constants, type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeFileWhole } from '@perigee/disk/files';
import { PerigeeError } from '@perigee/wire';

/** Bytes of a trust root, a genesis, a key: the longest, a genesis, holds at most 1 MiB of application state. */
const MAX_NAMED_FILE_BYTES = 8 << 20;

/**
 * Makes a folder, and those above it that are missing, one by one: what Node does by itself (`recursive`) tries for ever, deaf to signals, where a
 * folder is there and none can be made in it, as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isThere(at)); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another process was first
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => path === dirname(path),
  );
}

/** Writes a file whole, and makes the folders above it that are missing. */
export async function writeNamedFile(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  await writeFileWhole(path, content);
}

/**
 * Reads a small file that somebody named: a wrong name is told before the memory is full of it.
 *
 * @param what it is for
 * @throws NOT_FOUND, REFUSED when this user may not read it, INVALID_ARGUMENT when it is no regular file, or longer than MAX_NAMED_FILE_BYTES
 */
export async function readFileOf(path: string, what: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await openRegularFile(path);
    const { size } = await file.stat();
    if (size > MAX_NAMED_FILE_BYTES) {
      throw new PerigeeError('INVALID_ARGUMENT', `it has ${size} bytes, more than ${MAX_NAMED_FILE_BYTES}`);
    }
    return await file.readFile();
  } catch (cause) {
    const { code, message } = PerigeeError.from(cause);
    const isKnown = code === 'INVALID_ARGUMENT' || code === 'REFUSED';
    const words = `${what} cannot be read from ${path}${isKnown ? `: ${message}` : ''}`;
    throw new PerigeeError(isKnown ? code : 'NOT_FOUND', words, { cause, data: { path } });
  } finally {
    await file?.close();
  }
}

/**
 * Opens a file that somebody named, to read it. A pipe is not waited for, and a device not touched.
 *
 * @throws NOT_FOUND, REFUSED when this user may not read it, INVALID_ARGUMENT (a folder, a pipe, a device)
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const found = await stat(path).catch((cause: unknown) => {
    throw forbidden(path, cause) ?? new PerigeeError('NOT_FOUND', `${path} cannot be found`, { cause, data: { path } });
  });
  checkKind(path, found);
  // what was a file a moment ago may be a pipe now, and opening one would wait for its writer
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
    const words = `${path} cannot be opened: ${cause instanceof Error ? cause.message : cause}`;
    throw forbidden(path, cause) ?? new PerigeeError('NOT_FOUND', words, { cause });
  });
  try {
    checkKind(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A file that is there, or may be, for others. */
function forbidden(path: string, cause: unknown): PerigeeError | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code !== 'EACCES' && code !== 'EPERM') return undefined;
  return new PerigeeError('REFUSED', `this user may not read ${path}: change its owner or mode, or name another`, {
    cause,
    data: { path },
  });
}

function checkKind(path: string, found: Stats): void {
  if (found.isFile()) return;
  const kind = found.isDirectory() ? 'a folder, not a file' : found.isFIFO() ? 'a pipe, not a file' : 'no regular file';
  throw new PerigeeError('INVALID_ARGUMENT', `${path} is ${kind}`, { data: { path } });
}
