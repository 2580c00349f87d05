/** What this process asks the disk to keep. */
import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { onTestFinished } from 'vitest';

/**
 * Watches until the test is over.
 *
 * @param path of anything that can be opened
 * @returns `file` or `folder` for each flush that has ended, in their order
 */
export async function watchFlushes(path: string): Promise<readonly ('file' | 'folder')[]> {
  const flushed: ('file' | 'folder')[] = [];
  const handle = await open(path, 'r');
  const own = Object.getPrototypeOf(handle) as Pick<FileHandle, 'sync' | 'datasync'>;
  await handle.close();
  for (const name of ['sync', 'datasync'] as const) {
    const flush = own[name];
    own[name] = async function (this: FileHandle) {
      const kind = fstatSync(this.fd).isDirectory() ? 'folder' : 'file';
      await flush.call(this);
      flushed.push(kind);
    };
    onTestFinished(() => {
      own[name] = flush;
    });
  }
  return flushed;
}
