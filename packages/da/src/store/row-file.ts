import { CHECKSUM_BYTES, checkedSlot, checksum, DataFile, readHead, sumSlot } from '@perigee/disk';
import { concat, equal, PerigeeError, type Prime, type RowProof, u32le } from '@perigee/wire';
import { layoutOf, ROW_FILE, type RowFileHeader, type RowFileLayout } from './row-file-format.ts';

/** Slots read at once by a scan, bytes at most. */
const SCAN_BYTES = 1 << 20;

/** An open file of rows. Everything read from it was checked; what fails its checksum reads as absent. */
export class RowFile {
  readonly header: RowFileHeader;
  readonly #file: DataFile;
  readonly #layout: RowFileLayout;
  readonly #slots: ReadonlyMap<number, number>;

  private constructor(file: DataFile, header: RowFileHeader, layout = layoutOf(header)) {
    this.header = header;
    this.#file = file;
    this.#layout = layout;
    this.#slots = new Map(header.indices.map((index, slot) => [index, slot]));
  }

  /**
   * Write a new file without rows, in place of one that may be there.
   *
   * @throws STORE_FULL, STORE_CORRUPT, INTERNAL
   */
  static async create(path: string, header: RowFileHeader, rlcOriginal: Uint8Array): Promise<RowFile> {
    return DataFile.open(path, 'w+', ROW_FILE.what, async (file) => {
      const layout = layoutOf(header);
      const { head, headerChecksum } = layout;
      await file.write(concat(head, rlcOriginal, checksum('prime', headerChecksum, rlcOriginal)), 0);
      return new RowFile(file, header, layout);
    });
  }

  /** @throws STORE_VERSION, STORE_CORRUPT, INTERNAL */
  static async open(path: string, mode: 'r' | 'r+'): Promise<RowFile> {
    return DataFile.open(path, mode, ROW_FILE.what, async (file) => new RowFile(file, await readHead(ROW_FILE, file)));
  }

  /** @throws STORE_CORRUPT, INTERNAL */
  async prime(): Promise<Prime> {
    const { head, primeBytes, headerChecksum } = this.#layout;
    const bytes = await this.#file.read(primeBytes + CHECKSUM_BYTES, head.length);
    const rlcOriginal = bytes.subarray(0, primeBytes);
    if (!equal(bytes.subarray(primeBytes), checksum('prime', headerChecksum, rlcOriginal))) {
      throw new PerigeeError('STORE_CORRUPT', `prime data in ${this.#file.path} fails its checksum`);
    }
    return { rowRoot: this.header.rowRoot, rlcOriginal };
  }

  /** A row and its path, `undefined` when it is not there or fails its checksum. */
  async read(index: number): Promise<RowProof | undefined> {
    const slot = this.#slots.get(index);
    if (slot === undefined) return undefined;
    return this.#check(index, await this.#file.read(this.#layout.slotBytes, this.#offset(slot)));
  }

  /**
   * Write rows; they are safe after `sync`.
   *
   * @param rows verified, each one of `header.indices`
   * @throws STORE_FULL, INVALID_ARGUMENT, INTERNAL
   */
  async write(rows: readonly RowProof[]): Promise<void> {
    const { slotBytes, pathBytes, headerChecksum } = this.#layout;
    const { rowSize } = this.header;
    const slots = rows
      .map((proof) => ({ proof, slot: this.#slots.get(proof.index) }))
      .sort((a, b) => (a.slot ?? -1) - (b.slot ?? -1));
    let run: { start: number; parts: Uint8Array[] } | undefined;
    const flush = async (): Promise<void> => {
      if (run !== undefined) await this.#file.write(Buffer.concat(run.parts), this.#offset(run.start));
      run = undefined;
    };
    for (const { proof, slot } of slots) {
      if (slot === undefined || proof.row.length !== rowSize || proof.path.length !== pathBytes) {
        throw new PerigeeError('INVALID_ARGUMENT', `row ${proof.index} does not belong into ${this.#file.path}`);
      }
      const bytes = new Uint8Array(slotBytes);
      bytes.set(proof.row);
      bytes.set(proof.path, rowSize);
      sumSlot(bytes, headerChecksum, u32le(proof.index));
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
      const bytes = await this.#file.read(Math.min(step, indices.length - start) * slotBytes, this.#offset(start));
      indices.slice(start, start + step).forEach((index, i) => {
        if (this.#check(index, bytes.subarray(i * slotBytes, (i + 1) * slotBytes)) === undefined) missing.add(index);
      });
    }
    return missing;
  }

  /** Returns when all that was written survives a power cut. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  #offset(slot: number): number {
    return this.#layout.slotsOffset + slot * this.#layout.slotBytes;
  }

  #check(index: number, slot: Uint8Array): RowProof | undefined {
    const { slotBytes, headerChecksum } = this.#layout;
    const { rowSize } = this.header;
    if (slot.length !== slotBytes) return undefined;
    const covered = checkedSlot(slot, headerChecksum, u32le(index));
    return covered && { index, row: covered.subarray(0, rowSize), path: covered.subarray(rowSize) };
  }
}
