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
