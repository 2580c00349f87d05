import type { FileHandle } from 'node:fs/promises';
import { PerigeeError } from '@perigee/wire';
import type { FileSource } from '../put/source.ts';

/** What tells whether a file has changed. */
interface FileState {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/**
 * An open file that must stay as it is. It stays the caller's to close.
 *
 * @param path for messages
 * @param state in which it must be; as it is now by default
 */
export async function handleSource(file: FileHandle, path: string, state?: FileState): Promise<FileSource> {
  const before = state ?? (await file.stat());
  const changed = (): PerigeeError =>
    new PerigeeError('REFUSED', `${path} changed while it was read: store it again when nobody writes to it`, { data: { path } });
  return {
    length: before.size,
    async read(at, into) {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await file.read(into, done, into.length - done, at + done);
        if (bytesRead === 0) throw changed();
        done += bytesRead;
      }
      const { size, mtimeMs, ctimeMs } = await file.stat();
      if (size !== before.size || mtimeMs !== before.mtimeMs || ctimeMs !== before.ctimeMs) throw changed();
    },
  };
}
