import { PerigeeError } from '@perigee/wire';
import { holdLock, openOpfsFile, opfsFolder, type SyncHandle, writeAll } from '../../opfs/opfs.ts';

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
      const folder = await opfsFolder(FOLDER);
      await holdLock(lockOf(name));
      await removeLeftovers(folder);
      opened = { name, handle: await openOpfsFile(folder, name), size: 0 };
    },

    /** @throws STORE_FULL, INTERNAL */
    write({ bytes }: { bytes: Uint8Array }): void {
      const file = current();
      writeAll(file.handle, bytes, file.size);
      file.size += bytes.length;
    },

    /** The file is on the device. */
    close(): void {
      const { handle } = current();
      handle.flush();
      handle.close();
    },

    /** What was written; the page may read it until it is removed. */
    async file(): Promise<File> {
      return (await (await opfsFolder(FOLDER)).getFileHandle(current().name)).getFile();
    },

    async remove(): Promise<void> {
      const { name, handle } = current();
      handle.close();
      await (await opfsFolder(FOLDER)).removeEntry(name);
    },
  };
}

export type OpfsJobs = ReturnType<typeof createOpfsJobs>;

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
