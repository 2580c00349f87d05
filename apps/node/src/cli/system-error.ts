import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** What the operating system refused, in one sentence with a remedy. */
const WORDS: Readonly<Record<string, readonly [code: ErrorCode, words: string]>> = {
  ENOSPC: ['STORE_FULL', 'the disk is full: free some space, or name a folder on another disk'],
  EDQUOT: ['STORE_FULL', 'the disk quota is used up: free some space, or name a folder on another disk'],
  EACCES: ['REFUSED', 'this user may not open it: change its owner or mode, or name another'],
  EPERM: ['REFUSED', 'this user may not open it: change its owner or mode, or name another'],
  EROFS: ['REFUSED', 'the disk is read-only: name a folder on another'],
  EMFILE: ['REFUSED', 'too many files are open: raise the limit (ulimit -n)'],
  ENOENT: ['NOT_FOUND', 'there is no such file or folder'],
  ENOTDIR: ['INVALID_ARGUMENT', 'a part of the path is a file, not a folder: name another'],
  EADDRNOTAVAIL: ['UNREACHABLE', 'this machine has no such address to listen on: name one of its own, or 0.0.0.0 for all'],
  EEXIST: ['INVALID_ARGUMENT', 'there is something else at that path: name another'],
  EPIPE: ['STREAM_CLOSED', 'who reads this output has gone before all of it was written'],
  ENAMETOOLONG: ['INVALID_ARGUMENT', 'the name is too long: choose a shorter one'],
};

/** Any failure as one of our errors; those of the file system in plain words. */
export function plainError(thrown: unknown): PerigeeError {
  const error = PerigeeError.from(thrown);
  if (error.code !== 'INTERNAL') return error;
  let at: unknown = thrown;
  while (at instanceof Error) {
    const [code, words] = WORDS['code' in at ? String(at.code) : ''] ?? [];
    if (code !== undefined && words !== undefined) {
      const path = 'path' in at && typeof at.path === 'string' ? `${at.path}: ` : '';
      return new PerigeeError(code, `${path}${words}`, { cause: thrown });
    }
    at = at.cause;
  }
  return error;
}
