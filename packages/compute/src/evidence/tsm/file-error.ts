import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** What the kernel means by its errors here (Documentation/ABI/testing/configfs-tsm). */
const MEANINGS: Readonly<Record<string, readonly [code: ErrorCode, words: string]>> = {
  ENOENT: ['NOT_FOUND', 'is not there: mount configfs, and load the guest driver of the platform (tdx_guest, sev_guest)'],
  EACCES: ['REFUSED', 'is not for this user: reports are for root, or whom root lets'],
  EPERM: ['REFUSED', 'is not for this user: reports are for root, or whom root lets'],
  ENXIO: ['UNSUPPORTED', 'has no provider: the guest driver of the platform is not loaded, or this is no confidential guest'],
  EBUSY: ['BUSY', 'is in use by somebody else'],
  EAGAIN: ['BUSY', 'was written by somebody else meanwhile'],
  EINTR: ['BUSY', 'was interrupted'],
  EWOULDBLOCK: ['BUSY', 'was written by somebody else meanwhile'],
  ETIMEDOUT: ['TIMEOUT', 'was not answered by the host in time: see its quoting service'],
  EIO: ['UNREACHABLE', 'was refused by the host: see its quoting service'],
  EINVAL: ['INTERNAL', 'did not take what was written'],
};

/** An error of the file system in words. */
export function fileError(path: string, cause: unknown): PerigeeError {
  const name = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const [code, words] = MEANINGS[name] ?? ['INTERNAL', `failed: ${cause instanceof Error ? cause.message : cause}`];
  return new PerigeeError(code, `${path} ${words}`, { cause, data: { path, errno: name } });
}
