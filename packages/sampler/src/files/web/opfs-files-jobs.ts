import { PerigeeError } from '@perigee/wire';
import { holdLock, openOpfsFile, opfsFolder, type SyncHandle, writeAll } from '../../opfs/opfs.ts';

/** Folder of the origin private file system. */
const FOLDER = 'perigee-files';
/** What was not gone on with for so long is removed, milliseconds. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 3_600_000;

/** The worker of one download: it holds a lock of its name for as long as it lives, so that no other tab writes the same files. */
export function createOpfsFilesJobs() {
  const open = new Map<string, SyncHandle>();
  const current = (name: string): SyncHandle => {
    const handle = open.get(name);
    if (handle === undefined) throw new PerigeeError('INVALID_ARGUMENT', `no file ${name} is open`);
    return handle;
  };
  return {
    /** Takes the lock, removes what was forgotten, and opens files, made where there are none. @throws BUSY, UNSUPPORTED, STORE_FULL, INTERNAL */
    async open({ lock, names }: { lock: string; names: readonly string[] }): Promise<void> {
      const folder = await opfsFolder(FOLDER);
      if (!(await holdLock(`${FOLDER}/${lock}`, { ifAvailable: true })))
        throw new PerigeeError('BUSY', 'another tab of this page fetches this file');
      await removeForgotten(folder, names);
      for (const name of names) open.set(name, await openOpfsFile(folder, name));
    },

    size: ({ name }: { name: string }): number => current(name).getSize(),

    /** @returns what was there of so many bytes */
    read({ name, at, length }: { name: string; at: number; length: number }): Uint8Array {
      const bytes = new Uint8Array(length);
      let done = 0;
      for (let read = -1; done < length && read !== 0; done += read)
        read = current(name).read(bytes.subarray(done), { at: at + done });
      return bytes.subarray(0, done);
    },

    /** @throws STORE_FULL, INTERNAL */
    write({ name, at, bytes }: { name: string; at: number; bytes: Uint8Array }): void {
      writeAll(current(name), bytes, at);
    },

    flush({ name }: { name: string }): void {
      current(name).flush();
    },

    truncate({ name, size }: { name: string; size: number }): void {
      current(name).truncate(size);
    },

    close({ name }: { name: string }): void {
      open.get(name)?.close();
      open.delete(name);
    },

    /** What was written; the page may read it until it is removed. */
    async file({ name }: { name: string }): Promise<File> {
      return (await (await opfsFolder(FOLDER)).getFileHandle(name)).getFile();
    },

    async remove({ name }: { name: string }): Promise<void> {
      open.get(name)?.close();
      open.delete(name);
      await (await opfsFolder(FOLDER)).removeEntry(name).catch(() => {}); // it is gone already
    },
  };
}

export type OpfsFilesJobs = ReturnType<typeof createOpfsFilesJobs>;

async function removeForgotten(folder: FileSystemDirectoryHandle, ours: readonly string[]): Promise<void> {
  const old: string[] = [];
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file' || ours.includes(handle.name)) continue;
    const { lastModified } = await (handle as FileSystemFileHandle).getFile();
    if (Date.now() - lastModified > FORGOTTEN_AFTER_MS) old.push(handle.name);
  }
  for (const name of old) await folder.removeEntry(name).catch(() => {}); // another tab has it open
}
