import { type FileHandle, open } from 'node:fs/promises';
import { ioError } from '@perigee/disk';
import { equal, PerigeeError, type Prime, type RowProof } from '@perigee/wire';
import {
  CHECKSUM_BYTES,
  checksum,
  encodeHead,
  layoutOf,
  PREFIX_BYTES,
  type RowFileHeader,
  type RowFileLayout,
  readHeader,
  readPrefix,
  slotChecksum,
} from './row-file-format.ts';

/** Slots read at once by a scan, bytes at most. */
const SCAN_BYTES = 1 << 20;

/** An open file of rows. Everything read from it was checked; what fails its checksum reads as absent. */
export class RowFile {
  readonly header: RowFileHeader;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #layout: RowFileLayout;
  readonly #slots: ReadonlyMap<number, number>;

  private constructor(file: FileHandle, path: string, header: RowFileHeader) {
    this.header = header;
    this.#file = file;
    this.#path = path;
    this.#layout = layoutOf(header);
    this.#slots = new Map(header.indices.map((index, slot) => [index, slot]));
  }

  /**
   * Write a new file without rows, in place of one that may be there.
   *
   * @throws STORE_FULL, STORE_CORRUPT, INTERNAL
   */
  static async create(path: string, header: RowFileHeader, rlcOriginal: Uint8Array): Promise<RowFile> {
    return RowFile.#with(path, 'w+', async (file) => {
      await writeAt(file, encodeHead(header, rlcOriginal), 0);
      return header;
    });
  }

  /** @throws STORE_VERSION, STORE_CORRUPT, INTERNAL */
  static async open(path: string, mode: 'r' | 'r+'): Promise<RowFile> {
    return RowFile.#with(path, mode, async (file) => {
      const length = readPrefix(await readAt(file, PREFIX_BYTES, 0));
      return readHeader(await readAt(file, length, PREFIX_BYTES));
    });
  }

  static async #with(path: string, mode: string, head: (file: FileHandle) => Promise<RowFileHeader>): Promise<RowFile> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, mode, 0o600);
      return new RowFile(file, path, await head(file));
    } catch (cause) {
      await file?.close();
      throw ioError(cause, `open the rows in ${path}`);
    }
  }

  /** @throws STORE_CORRUPT, INTERNAL */
  async prime(): Promise<Prime> {
    const { primeOffset, primeBytes, headerChecksum } = this.#layout;
    const bytes = await this.#read(primeBytes + CHECKSUM_BYTES, primeOffset);
    const rlcOriginal = bytes.subarray(0, primeBytes);
    if (!equal(bytes.subarray(primeBytes), checksum('prime', headerChecksum, rlcOriginal))) {
      throw new PerigeeError('STORE_CORRUPT', `prime data in ${this.#path} fails its checksum`);
    }
    return { rowRoot: this.header.rowRoot, rlcOriginal };
  }

  /** A row and its path, `undefined` when it is not there or fails its checksum. */
  async read(index: number): Promise<RowProof | undefined> {
    const slot = this.#slots.get(index);
    if (slot === undefined) return undefined;
    return this.#check(index, await this.#read(this.#layout.slotBytes, this.#offset(slot)));
  }

  /**
   * Write rows; they are safe after `sync`.
   *
   * @param rows verified, each one of `header.indices`
   * @throws STORE_FULL, INVALID_ARGUMENT, INTERNAL
   */
  async write(rows: readonly RowProof[]): Promise<void> {
    const { slotBytes, pathBytes } = this.#layout;
    const { rowSize } = this.header;
    const slots = rows
      .map((proof) => ({ proof, slot: this.#slots.get(proof.index) }))
      .sort((a, b) => (a.slot ?? -1) - (b.slot ?? -1));
    let run: { start: number; parts: Uint8Array[] } | undefined;
    const flush = async (): Promise<void> => {
      if (run !== undefined) await this.#write(Buffer.concat(run.parts), this.#offset(run.start));
      run = undefined;
    };
    for (const { proof, slot } of slots) {
      if (slot === undefined || proof.row.length !== rowSize || proof.path.length !== pathBytes) {
        throw new PerigeeError('INVALID_ARGUMENT', `row ${proof.index} does not belong into ${this.#path}`);
      }
      const bytes = new Uint8Array(slotBytes);
      bytes.set(proof.row);
      bytes.set(proof.path, rowSize);
      bytes.set(slotChecksum(this.#layout, proof.index, bytes.subarray(0, rowSize + pathBytes)), rowSize + pathBytes);
      // neighbours go out in one write
      if (run !== undefined && run.start + run.parts.length !== slot) await flush();
      run ??= { start: slot, parts: [] };
      run.parts.push(bytes);
    }
    await flush();
  }

  /** Rows whose checksum fails, for whatever reason; empty when all are there. */
  async missing(): Promise<Set<number>> {
    const { slotBytes } = this.#layout;
    const { indices } = this.header;
    const missing = new Set<number>();
    const step = Math.max(1, Math.floor(SCAN_BYTES / slotBytes));
    for (let start = 0; start < indices.length; start += step) {
      const bytes = await this.#read(Math.min(step, indices.length - start) * slotBytes, this.#offset(start));
      indices.slice(start, start + step).forEach((index, i) => {
        if (this.#check(index, bytes.subarray(i * slotBytes, (i + 1) * slotBytes)) === undefined) missing.add(index);
      });
    }
    return missing;
  }

  /** Returns when all that was written survives a power cut. */
  async sync(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (cause) {
      throw ioError(cause, `flush the rows in ${this.#path}`);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #offset(slot: number): number {
    return this.#layout.slotsOffset + slot * this.#layout.slotBytes;
  }

  #check(index: number, slot: Uint8Array): RowProof | undefined {
    const { pathBytes, slotBytes } = this.#layout;
    const { rowSize } = this.header;
    if (slot.length !== slotBytes) return undefined;
    const due = slotChecksum(this.#layout, index, slot.subarray(0, rowSize + pathBytes));
    if (!equal(slot.subarray(rowSize + pathBytes), due)) return undefined;
    return { index, row: slot.subarray(0, rowSize), path: slot.subarray(rowSize, rowSize + pathBytes) };
  }

  async #read(length: number, offset: number): Promise<Uint8Array> {
    try {
      return await readAt(this.#file, length, offset);
    } catch (cause) {
      throw ioError(cause, `read the rows in ${this.#path}`);
    }
  }

  async #write(bytes: Uint8Array, offset: number): Promise<void> {
    try {
      await writeAt(this.#file, bytes, offset);
    } catch (cause) {
      throw ioError(cause, `write the rows in ${this.#path}`);
    }
  }
}

/** As many bytes as there are, up to `length`. */
async function readAt(file: FileHandle, length: number, offset: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
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
