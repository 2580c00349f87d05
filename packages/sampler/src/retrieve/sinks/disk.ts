/** What files that appear under their name only when they are whole have in common, on disk. */
import { link, open, rename, stat, unlink } from 'node:fs/promises';
import { PerigeeError } from '@perigee/wire';

/** A rename takes the place of a file that has appeared meanwhile; a second name does not. */
export async function renameToNew(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    // any other reason is a file system without second names
    if (codeOf(error) === 'EEXIST' || (await exists(path))) throw isThere(path);
    await rename(part, path);
    return;
  }
  await unlink(part);
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH'; // of another user
  }
}

/** A name survives a power cut only with its folder; some systems cannot flush one. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export function isThere(path: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', `${path} is there already; name another file, or allow it to be overwritten`);
}

export function ioError(cause: unknown, what: string): PerigeeError {
  if (cause instanceof PerigeeError) return cause;
  // of the part beside it nobody has heard
  const why = cause instanceof Error ? cause.message.replace(/ '[^']*'$/, '') : String(cause);
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(cause) ?? '');
  return new PerigeeError(isFull ? 'STORE_FULL' : 'INTERNAL', `cannot ${what}: ${why}`, { cause });
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}
