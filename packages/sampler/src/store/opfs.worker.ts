/** Files of the store in the origin private file system. Runs in a worker: only there are handles synchronous. */
import { PerigeeError } from '@perigee/wire';
import { serveJobs } from '@perigee/workers';
import type { StoredFile } from './store-backend.ts';

/** What of FileSystemSyncAccessHandle is used; the page's types do not describe it. */
interface SyncHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };

interface Place {
  readonly folder: string;
  readonly name: string;
}

const opfsJobs = {
  async list({ folder }: { folder: string }): Promise<StoredFile[]> {
    const out: StoredFile[] = [];
    for await (const handle of (await folderOf(folder)).values()) {
      if (handle.kind !== 'file') continue;
      const { name, size, lastModified } = await (handle as FileSystemFileHandle).getFile();
      out.push({ name, bytes: size, modifiedMs: lastModified });
    }
    return out;
  },

  /** Without a lock on the file, so that a tab that only reads stops none that writes. */
  async read({ folder, name }: Place): Promise<Uint8Array | undefined> {
    try {
      const file = await (await (await folderOf(folder)).getFileHandle(name)).getFile();
      return new Uint8Array(await file.arrayBuffer());
    } catch (error) {
      if (nameOf(error) === 'NotFoundError') return undefined;
      throw error;
    }
  },

  async write({ folder, name, at, bytes }: Place & { at: number; bytes: Uint8Array }): Promise<void> {
    const file = (await (await folderOf(folder)).getFileHandle(name, { create: true })) as SyncFile;
    const handle = await file.createSyncAccessHandle();
    try {
      handle.truncate(at);
      for (let done = 0; done < bytes.length; ) {
        const written = handle.write(bytes.subarray(done), { at: at + done });
        if (written === 0) throw new PerigeeError('STORE_FULL', 'the browser gives this page no more room');
        done += written;
      }
      handle.flush();
    } catch (error) {
      handle.truncate(at);
      throw storeError(error);
    } finally {
      handle.close();
    }
  },

  async remove({ folder, name }: Place): Promise<void> {
    try {
      await (await folderOf(folder)).removeEntry(name);
    } catch (error) {
      if (nameOf(error) !== 'NotFoundError') throw error;
    }
  },
};
export type OpfsJobs = typeof opfsJobs;

serveJobs(opfsJobs);

async function folderOf(name: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  const all = await root.getDirectoryHandle('perigee-light', { create: true });
  return all.getDirectoryHandle(name, { create: true });
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function storeError(error: unknown): PerigeeError {
  if (error instanceof PerigeeError || nameOf(error) !== 'QuotaExceededError') return PerigeeError.from(error);
  return new PerigeeError('STORE_FULL', 'the browser gives this page no more room; free some, or allow it more');
}
