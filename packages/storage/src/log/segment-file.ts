import { fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ioError } from '@perigee/disk';
import { equal, PerigeeError, type SegmentAnswer } from '@perigee/wire';
import {
  CHECKSUM_BYTES,
  decodeSlot,
  encodeSlot,
  PREFIX_BYTES,
  placeOf,
  readHeader,
  readPrefix,
  type SegmentFileHeader,
  type SegmentFileLayout,
  slotOf,
} from './segment-file-format.ts';
import { SlotSet } from './slot-set.ts';

/** An open file of segments. Everything read from it was checked; what fails its checksum reads as absent. */
export class SegmentFile {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #layout: SegmentFileLayout;

  private constructor(file: FileHandle, path: string, layout: SegmentFileLayout) {
    this.#file = file;
    this.#path = path;
    this.#layout = layout;
  }

  /**
   * Write a new file without segments, in place of one that may be there.
   *
   * @throws STORE_FULL, STORE_CORRUPT, INTERNAL
   */
  static async create(path: string, layout: SegmentFileLayout): Promise<SegmentFile> {
    return SegmentFile.#with(path, 'w+', layout, (file) => writeAt(file, layout.head, 0));
  }

  /** @throws STORE_VERSION, STORE_CORRUPT (also when it is of another submission or shard), INTERNAL */
  static async open(path: string, layout: SegmentFileLayout, mode: 'r' | 'r+'): Promise<SegmentFile> {
    return SegmentFile.#with(path, mode, layout, async (file) => {
      const head = await readAt(file, layout.head.length, 0);
      if (equal(head, layout.head)) return;
      readPrefix(head.subarray(0, PREFIX_BYTES));
      throw new PerigeeError('STORE_CORRUPT', `file ${path} is not what belongs there`);
    });
  }

  static async #with(
    path: string,
    mode: string,
    layout: SegmentFileLayout,
    head: (file: FileHandle) => Promise<void>,
  ): Promise<SegmentFile> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, mode, 0o600);
      await head(file);
      return new SegmentFile(file, path, layout);
    } catch (cause) {
      await file?.close();
      throw ioError(cause, `open the segments in ${path}`);
    }
  }

  /** Whether it still has a name in some folder. */
  get isThere(): boolean {
    return fstatSync(this.#file.fd).nlink > 0;
  }

  /** `undefined` when it is not there or fails its checksum. @throws STORE_CORRUPT, INTERNAL */
  async read(slot: number): Promise<SegmentAnswer | undefined> {
    const { offset, bytes } = placeOf(this.#layout, slot);
    return decodeSlot(this.#layout, slot, await this.#read(bytes, offset));
  }

  /**
   * Write segments; returns when they survive a power cut.
   *
   * @param answers verified, each one of the shard
   * @throws STORE_FULL, INVALID_ARGUMENT, INTERNAL
   */
  async write(answers: readonly SegmentAnswer[]): Promise<void> {
    try {
      for (const answer of answers) {
        const slot = slotOf(this.#layout, answer.index);
        if (slot === undefined) {
          throw new PerigeeError('INVALID_ARGUMENT', `segment ${answer.index} does not belong into ${this.#path}`);
        }
        await writeAt(this.#file, encodeSlot(this.#layout, answer), placeOf(this.#layout, slot).offset);
      }
      await this.#file.sync();
    } catch (cause) {
      throw ioError(cause, `write the segments in ${this.#path}`);
    }
  }

  /** Which slots are whole. Reads everything that was ever written, and of what was not the checksums alone. */
  async scan(): Promise<SlotSet> {
    const held = new SlotSet(this.#layout.slots);
    for (let slot = 0; slot < held.size; slot++) {
      const { offset, bytes } = placeOf(this.#layout, slot);
      const sum = await this.#read(CHECKSUM_BYTES, offset + bytes - CHECKSUM_BYTES);
      // a hole, or the end of the file
      if (sum.every((byte) => byte === 0)) continue;
      if ((await this.read(slot)) !== undefined) held.add(slot);
    }
    return held;
  }

  /** Returns when all that was written survives a power cut. */
  async sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw ioError(cause, `flush the segments in ${this.#path}`);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #read(length: number, offset: number): Promise<Uint8Array> {
    try {
      return await readAt(this.#file, length, offset);
    } catch (cause) {
      throw ioError(cause, `read the segments in ${this.#path}`);
    }
  }
}

/** What a file says of itself. @throws STORE_VERSION, STORE_CORRUPT, INTERNAL */
export async function readSegmentFileHeader(path: string): Promise<SegmentFileHeader> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const length = readPrefix(await readAt(file, PREFIX_BYTES, 0));
    return readHeader(await readAt(file, length, PREFIX_BYTES));
  } catch (cause) {
    throw ioError(cause, `read the header of ${path}`);
  } finally {
    await file?.close();
  }
}

/** As many bytes as there are, up to `length`. */
async function readAt(file: FileHandle, length: number, offset: number): Promise<Uint8Array> {
  // not zeros first, and not a part of what Node shares among small ones
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let have = 0;
  while (have < length) {
    const { bytesRead } = await file.read(bytes, have, length - have, offset + have);
    if (bytesRead === 0) break;
    have += bytesRead;
  }
  return bytes.subarray(0, have);
}

async function writeAt(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
