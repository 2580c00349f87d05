import type { FileHandle } from 'node:fs/promises';
import type { DataSource } from '@perigee/da';
import { MAX_BLOB_BYTES, PerigeeError } from '@perigee/wire';
import { openRegularFile } from './files.ts';

/** A file that is read once, whole, and only if it stays as it is meanwhile. */
export interface FileSource extends DataSource {
  close(): Promise<void>;
}

/**
 * Opens a file to publish. Nothing is read of what cannot be a blob.
 *
 * @throws NOT_FOUND, INVALID_ARGUMENT (a folder, a pipe, a device), BLOB_LENGTH; REFUSED by `read` when the file changed while it was read
 */
export async function openFileSource(path: string): Promise<FileSource> {
  const file = await openRegularFile(path);
  try {
    const before = await file.stat();
    const { size } = before;
    if (size < 1 || size > MAX_BLOB_BYTES) {
      throw new PerigeeError('BLOB_LENGTH', `${path} has ${size} bytes; a blob has 1 to ${MAX_BLOB_BYTES}`, { data: { size } });
    }
    return {
      length: size,
      read: async (into, signal) => {
        await fill(file, into, path, signal);
        const after = await file.stat();
        if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || after.ctimeMs !== before.ctimeMs)
          throw changed(path);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function fill(file: FileHandle, into: Uint8Array, path: string, signal: AbortSignal | undefined): Promise<void> {
  let offset = 0;
  while (offset < into.length) {
    if (signal?.aborted) throw new PerigeeError('ABORTED', `reading ${path} was stopped`);
    const { bytesRead } = await file.read(into, offset, into.length - offset, offset);
    if (bytesRead === 0) throw changed(path);
    offset += bytesRead;
  }
}

function changed(path: string): PerigeeError {
  return new PerigeeError('REFUSED', `${path} changed while it was read: publish it again when nobody writes to it`, {
    data: { path },
  });
}
