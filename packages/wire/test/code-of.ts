import { type ErrorCode, PerigeeError } from '../src/index.ts';

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
