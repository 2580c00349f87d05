import { constants, type FileHandle, open } from 'node:fs/promises';
import { ioError } from '../../retrieve/sinks/disk.ts';
import type { RandomFile } from '../random-file.ts';

/** A file on disk that is made where there is none. @throws STORE_FULL, INTERNAL with what the system says; so do its methods */
export async function diskFile(path: string): Promise<RandomFile> {
  const fail = (cause: unknown): never => {
    throw ioError(cause, `write ${path}`);
  };
  const file: FileHandle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600).catch(fail);
  return {
    size: async () => (await file.stat().catch(fail)).size,
    async read(at, into) {
      let done = 0;
      while (done < into.length) {
        const { bytesRead } = await file.read(into, done, into.length - done, at + done).catch(fail);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done;
    },
    async write(at, bytes) {
      for (let done = 0; done < bytes.length; ) {
        done += (await file.write(bytes, done, bytes.length - done, at + done).catch(fail)).bytesWritten;
      }
    },
    flush: () => file.datasync().catch(fail),
    truncate: (size) => file.truncate(size).catch(fail),
    close: () => file.close().catch(fail),
  };
}
