import { PerigeeError } from '@perigee/wire';

/** Why a database could not be opened or read. */
export function openError(dir: string, error: unknown): PerigeeError {
  const reason = rootCause(error);
  if (reason.code === 'LEVEL_LOCKED') return locked(dir, error);
  if (/no space left/i.test(reason.message)) return full(dir, error);
  return new PerigeeError('STORE_CORRUPT', `${dir} cannot be read (${reason.message}); restore it, or use another directory`, {
    cause: error,
  });
}

export function writeError(dir: string, error: unknown): PerigeeError {
  const reason = rootCause(error);
  if (/no space left/i.test(reason.message)) return full(dir, error);
  if (reason.code === 'LEVEL_CORRUPTION') return openError(dir, error);
  return new PerigeeError('INTERNAL', `${dir} could not be written: ${reason.message}`, { cause: error });
}

export function locked(dir: string, cause?: unknown): PerigeeError {
  return new PerigeeError('STORE_LOCKED', `${dir} is in use by another process; stop it, or use another directory`, { cause });
}

function full(dir: string, cause: unknown): PerigeeError {
  return new PerigeeError('STORE_FULL', `there is no space left for ${dir}`, { cause });
}

/** abstract-level wraps what LevelDB said once or twice. */
function rootCause(error: unknown): { code: string; message: string } {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  const message = at instanceof Error ? at.message : String(at);
  const code = at instanceof Error && 'code' in at ? String(at.code) : '';
  return { code, message };
}
