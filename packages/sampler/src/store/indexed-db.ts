/** What the errors of IndexedDB mean. */
import { PerigeeError } from '@perigee/wire';

export async function tryIt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error);
  }
}

function storeError(error: unknown): PerigeeError {
  if (error instanceof PerigeeError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'QuotaExceededError') {
    return new PerigeeError('STORE_FULL', 'the browser gives this page no more room; free some, or allow it more', {
      cause: error,
    });
  }
  return new PerigeeError(
    'INTERNAL',
    `the browser's database failed: ${error instanceof Error ? error.message : String(error)}`,
    {
      cause: error,
    },
  );
}
