/** The origin private file system, as workers of a page use it. */
import { PerigeeError } from '@perigee/wire';

/** What of FileSystemSyncAccessHandle is used; the page's types do not describe it. */
export interface SyncHandle {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}
type SyncFile = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncHandle> };

/** A folder, made where there is none. @throws UNSUPPORTED */
export async function opfsFolder(name: string): Promise<FileSystemDirectoryHandle> {
  if (navigator.storage?.getDirectory === undefined || navigator.locks === undefined) {
    throw new PerigeeError(
      'UNSUPPORTED',
      'this browser has no place for files of a page; use a current one, over https or on localhost',
    );
  }
  return (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
}

/** Opens a file, made where there is none. @throws STORE_FULL, INTERNAL */
export async function openOpfsFile(folder: FileSystemDirectoryHandle, name: string): Promise<SyncHandle> {
  try {
    return await ((await folder.getFileHandle(name, { create: true })) as SyncFile).createSyncAccessHandle();
  } catch (error) {
    throw opfsError(error);
  }
}

/** Writes all of the bytes. @throws STORE_FULL, INTERNAL */
export function writeAll(handle: SyncHandle, bytes: Uint8Array, at: number): void {
  try {
    for (let done = 0; done < bytes.length; ) {
      const written = handle.write(bytes.subarray(done), { at: at + done });
      if (written === 0) throw new PerigeeError('STORE_FULL', 'the browser gives this page no more room');
      done += written;
    }
  } catch (error) {
    throw opfsError(error);
  }
}

/** Takes a lock until this worker ends. @param options `ifAvailable`: does not wait for it @returns whether it was taken */
export function holdLock(name: string, options: { readonly ifAvailable?: boolean } = {}): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const untilTheEnd = new Promise<never>(() => {});
    const taken = (lock: Lock | null): Promise<never> | undefined => {
      resolve(lock !== null);
      return lock === null ? undefined : untilTheEnd;
    };
    navigator.locks.request(name, options, taken).catch(reject);
  });
}

function opfsError(error: unknown): PerigeeError {
  if (error instanceof PerigeeError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name !== 'QuotaExceededError')
    return new PerigeeError('INTERNAL', `the browser's file system: ${message}`, { cause: error });
  return new PerigeeError('STORE_FULL', 'the browser gives this page no more room; free some space and try again', {
    cause: error,
  });
}
