import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '@perigee/disk/files';
import { PerigeeError } from '@perigee/wire';

/**
 * @param longer thrown for a file that is longer than `max` bytes, where that must not be taken for none
 * @returns `undefined` when there is no such file, or it is longer
 */
export async function readBoundedFile(path: string, max: number, longer?: PerigeeError): Promise<Uint8Array | undefined> {
  try {
    const { size } = await stat(path);
    if (size > max && longer !== undefined) throw longer;
    return size > max ? undefined : new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof PerigeeError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw storeError(path, error);
  }
}

/** As `writeFileWhole`, readable by everybody. @throws STORE_FULL, INTERNAL */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeFileWhole(path, bytes, 0o644).catch((error: unknown) => {
    throw storeError(path, error);
  });
}

/** Names of files with an ending, the one used longest ago first. */
export async function namesByAge(folder: string, ending: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  return aged.sort((a, b) => a.at - b.at).map(({ name }) => name);
}

function storeError(path: string, cause: unknown): PerigeeError {
  const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  const words = cause instanceof Error ? cause.message : String(cause);
  return new PerigeeError(isFull ? 'STORE_FULL' : 'INTERNAL', `${path}: ${words}`, { cause });
}
