import { PerigeeError } from '@perigee/wire';

/** What of FileSystemSyncAccessHandle is used; the page's types do not describe it. */
interface SyncHandle {
  write(bytes: Uint8Array, options: { at: number }): number;
  flush(): void;
  close(): void;
}
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };

/** Folder of the origin private file system. A file in it belongs to the tab that holds the lock of its name. */
const FOLDER = 'perigee-retrieved';

/** The worker of one file: it holds the file's lock for as long as it lives, so that no other tab takes the file for a leftover. */
export function createOpfsJobs() {
  let opened: { readonly name: string; readonly handle: SyncHandle; size: number } | undefined;
  const current = () => {
    if (opened === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'no file is open');
    return opened;
  };

  return {
    /** Begins a file, and removes what tabs left that are gone. @throws UNSUPPORTED, STORE_FULL, INTERNAL */
    async open({ name }: { name: string }): Promise<void> {
      const folder = await folderOf();
      await hold(name);
      await removeLeftovers(folder);
      try {
        const file = (await folder.getFileHandle(name, { create: true })) as SyncFile;
        opened = { name, handle: await file.createSyncAccessHandle(), size: 0 };
      } catch (error) {
        throw storeError(error);
      }
    },

    /** @throws STORE_FULL, INTERNAL */
    write({ bytes }: { bytes: Uint8Array }): void {
      const file = current();
      try {
        for (let done = 0; done < bytes.length; ) {
          const written = file.handle.write(bytes.subarray(done), { at: file.size });
          if (written === 0) throw new PerigeeError('STORE_FULL', 'the browser gives this page no more room');
          done += written;
          file.size += written;
        }
      } catch (error) {
        throw storeError(error);
      }
    },

    /** The file is on the device. */
    close(): void {
      const { handle } = current();
      handle.flush();
      handle.close();
    },

    /** What was written; the page may read it until it is removed. */
    async file(): Promise<File> {
      return (await (await folderOf()).getFileHandle(current().name)).getFile();
    },

    async remove(): Promise<void> {
      const { name, handle } = current();
      handle.close();
      await (await folderOf()).removeEntry(name);
    },
  };
}

export type OpfsJobs = ReturnType<typeof createOpfsJobs>;

async function folderOf(): Promise<FileSystemDirectoryHandle> {
  if (navigator.storage?.getDirectory === undefined || navigator.locks === undefined) {
    throw new PerigeeError(
      'UNSUPPORTED',
      'this browser has no place for files of a page; use a current one, over https or on localhost',
    );
  }
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}

/** Takes the lock of a file until this worker ends. */
function hold(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const untilTheEnd = new Promise<never>(() => {});
    const taken = (): Promise<never> => {
      resolve();
      return untilTheEnd;
    };
    navigator.locks.request(lockOf(name), taken).catch(reject);
  });
}

/** Files whose lock nobody holds. */
async function removeLeftovers(folder: FileSystemDirectoryHandle): Promise<void> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  for (const name of names) {
    await navigator.locks.request(lockOf(name), { ifAvailable: true }, async (lock) => {
      if (lock !== null) await folder.removeEntry(name).catch(() => {}); // the next one tries again
    });
  }
}

function lockOf(name: string): string {
  return `${FOLDER}/${name}`;
}

function storeError(error: unknown): PerigeeError {
  if (error instanceof PerigeeError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name !== 'QuotaExceededError')
    return new PerigeeError('INTERNAL', `the browser's file system: ${message}`, { cause: error });
  return new PerigeeError('STORE_FULL', 'the browser gives this page no more room; free some space and try again', {
    cause: error,
  });
}
