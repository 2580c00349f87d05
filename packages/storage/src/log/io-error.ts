import { PerigeeError } from '@perigee/wire';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const UNREADABLE = new Set(['ENOENT', 'EIO', 'EISDIR', 'ENOTDIR']);

/** A failure of the file system as one of our errors: STORE_FULL, STORE_CORRUPT, else INTERNAL. */
export function ioError(cause: unknown, what: string): PerigeeError {
  if (cause instanceof PerigeeError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (FULL.has(code))
    return new PerigeeError('STORE_FULL', `no room to ${what}: free disk space or lower the byte budget`, { cause });
  if (UNREADABLE.has(code)) return new PerigeeError('STORE_CORRUPT', `cannot ${what}: ${code}`, { cause });
  return new PerigeeError('INTERNAL', `cannot ${what}: ${code || String(cause)}`, { cause });
}

/** What concerns one file alone: it is damaged, or another version wrote it. */
export function isUnreadable(error: unknown): error is PerigeeError {
  return error instanceof PerigeeError && (error.code === 'STORE_CORRUPT' || error.code === 'STORE_VERSION');
}

/** For what may be looked at again. @throws `error` when it is of the whole log */
export function unreadableAsNothing(error: unknown): undefined {
  if (!isUnreadable(error)) throw error;
  return undefined;
}
