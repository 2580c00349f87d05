import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ioError } from './io-error.ts';

/** `w+` begins it anew, in place of one that may be there. */
export type FileMode = 'r' | 'r+' | 'w+';

/** An open file, read and written by place. Failures of the file system are errors of ours: STORE_FULL, STORE_CORRUPT, else INTERNAL. */
export class DataFile {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #what: string;

  private constructor(file: FileHandle, path: string, what: string) {
    this.#file = file;
    this.path = path;
    this.#what = what;
  }

  /**
   * @param what is in the file, for errors: rows
   * @param begin what is done with it first; when that fails, the file is closed
   */
  static async open<T>(path: string, mode: FileMode, what: string, begin: (file: DataFile) => Promise<T>): Promise<T> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, mode, 0o600);
      return await begin(new DataFile(file, path, what));
    } catch (cause) {
      await file?.close();
      throw ioError(cause, `open the ${what} in ${path}`);
    }
  }

  /** Whether it still has a name in some folder. */
  get isThere(): boolean {
    return fstatSync(this.#file.fd).nlink > 0;
  }

  /** As many bytes as there are, up to `length`. */
  async read(length: number, offset: number): Promise<Uint8Array> {
    // not zeros first, and not a part of what Node shares among small ones
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    let have = 0;
    try {
      while (have < length) {
        const { bytesRead } = await this.#file.read(bytes, have, length - have, offset + have);
        if (bytesRead === 0) break;
        have += bytesRead;
      }
    } catch (cause) {
      throw ioError(cause, `read the ${this.#what} in ${this.path}`);
    }
    return bytes.subarray(0, have);
  }

  /** They are safe after `sync`. */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    } catch (cause) {
      throw ioError(cause, `write the ${this.#what} in ${this.path}`);
    }
  }

  /** Returns when all that was written survives a power cut. */
  async sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw ioError(cause, `flush the ${this.#what} in ${this.path}`);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
