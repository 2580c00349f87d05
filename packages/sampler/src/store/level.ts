/** LevelDB under Node, and what its errors mean. */
import { mkdir, realpath } from 'node:fs/promises';
import { PerigeeError } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';

/** Folders that this process has open: a second LevelDB on one of them would, on its way out, give up the first one's lock (POSIX). */
const openHere = new Set<string>();

/**
 * Opens a LevelDB for this process alone. What it cannot read any more it is asked to mend; the values that are lost are fetched or found again.
 *
 * @throws STORE_LOCKED when this process has it open already; else what LevelDB throws (`storeError`)
 */
export async function openLevel(folder: string): Promise<ClassicLevel<string, Uint8Array>> {
  await mkdir(folder, { recursive: true });
  const path = await realpath(folder);
  if (openHere.has(path)) throw locked(path);
  openHere.add(path);
  try {
    const db = await openOrMend(path);
    db.once('closed', () => openHere.delete(path));
    return db;
  } catch (error) {
    openHere.delete(path);
    throw error;
  }
}

async function openOrMend(path: string): Promise<ClassicLevel<string, Uint8Array>> {
  const db = new ClassicLevel<string, Uint8Array>(path, { keyEncoding: 'utf8', valueEncoding: 'view' });
  try {
    await db.open();
  } catch (error) {
    if (isLocked(error) || /no space left/i.test(rootCause(error).message)) throw error;
    await ClassicLevel.repair(path);
    await db.open();
  }
  return db;
}

/** LevelDB and files give a Buffer, whose slices share memory. */
export function plain(bytes: Uint8Array | undefined): Uint8Array | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

export function storeError(folder: string, error: unknown): PerigeeError {
  if (error instanceof PerigeeError) return error;
  const { code, message } = rootCause(error);
  if (isLocked(error)) return locked(folder, error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left/i.test(message)) {
    return new PerigeeError('STORE_FULL', `there is no space left for ${folder}`, { cause: error });
  }
  if (code.startsWith('LEVEL_') || code === 'ENOENT') {
    return new PerigeeError('STORE_CORRUPT', `${folder} cannot be read (${message}); delete it, it will be made anew`, {
      cause: error,
    });
  }
  return new PerigeeError('INTERNAL', `${folder} could not be used: ${message}`, { cause: error });
}

function locked(folder: string, cause?: unknown): PerigeeError {
  return new PerigeeError('STORE_LOCKED', `${folder} is in use by another light node; stop it, or use another directory`, {
    cause,
  });
}

function isLocked(error: unknown): boolean {
  return rootCause(error).code === 'LEVEL_LOCKED';
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** abstract-level wraps what LevelDB said once or twice. */
function rootCause(error: unknown): { readonly code: string; readonly message: string } {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return { code: codeOf(at), message: at instanceof Error ? at.message : String(at) };
}
