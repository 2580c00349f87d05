import { PerigeeError } from '@perigee/wire';

/** What concerns one file alone: it is damaged, or another version wrote it. */
export function isUnreadable(error: unknown): error is PerigeeError {
  return error instanceof PerigeeError && (error.code === 'STORE_CORRUPT' || error.code === 'STORE_VERSION');
}

/** For what may be looked at again. @throws `error` when it is of the whole log */
export function unreadableAsNothing(error: unknown): undefined {
  if (!isUnreadable(error)) throw error;
  return undefined;
}
