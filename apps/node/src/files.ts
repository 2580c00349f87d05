import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PerigeeError } from '@perigee/wire';

/** Writes a file so that a reader, or a start after a crash, sees the old content or the new, never a part. */
export async function writeFileWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

/** @throws NOT_FOUND that says what the file is for */
export async function readFileOf(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new PerigeeError('NOT_FOUND', `${what} cannot be read from ${path}`, { cause, data: { path } });
  }
}
