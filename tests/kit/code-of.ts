import { type ErrorCode, PerigeeError } from '@perigee/wire';

/** Code of what `run` throws; `'none'` when it does not. Anything but a PerigeeError is thrown on: no input may cause it. */
export function codeOf(run: () => unknown): ErrorCode | 'none' {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof PerigeeError) return error.code;
    throw error;
  }
}

/** Code of what becomes of `work`; `'none'` when it succeeds. */
export function codeOfPromise(work: Promise<unknown>): Promise<ErrorCode | 'none'> {
  return work.then(
    () => 'none',
    (error: unknown) => PerigeeError.from(error).code,
  );
}
