import { CHECKSUM_BYTES, checkMagic, DataFile, readHead } from '@perigee/disk';
import { equal, PerigeeError, type SegmentAnswer } from '@perigee/wire';
import {
  decodeSlot,
  encodeSlot,
  placeOf,
  SEGMENT_FILE,
  type SegmentFileHeader,
  type SegmentFileLayout,
  slotOf,
} from './segment-file-format.ts';
import { SlotSet } from './slot-set.ts';

/** An open file of segments. Everything read from it was checked; what fails its checksum reads as absent. */
export class SegmentFile {
  readonly #file: DataFile;
  readonly #layout: SegmentFileLayout;

  private constructor(file: DataFile, layout: SegmentFileLayout) {
    this.#file = file;
    this.#layout = layout;
  }

  /**
   * Write a new file without segments, in place of one that may be there.
   *
   * @throws STORE_FULL, STORE_CORRUPT, INTERNAL
   */
  static async create(path: string, layout: SegmentFileLayout): Promise<SegmentFile> {
    return DataFile.open(path, 'w+', SEGMENT_FILE.what, async (file) => {
      await file.write(layout.head, 0);
      return new SegmentFile(file, layout);
    });
  }

  /** @throws STORE_VERSION, STORE_CORRUPT (also when it is of another submission or shard), INTERNAL */
  static async open(path: string, layout: SegmentFileLayout, mode: 'r' | 'r+'): Promise<SegmentFile> {
    return DataFile.open(path, mode, SEGMENT_FILE.what, async (file) => {
      const head = await file.read(layout.head.length, 0);
      if (equal(head, layout.head)) return new SegmentFile(file, layout);
      checkMagic(SEGMENT_FILE, head);
      throw new PerigeeError('STORE_CORRUPT', `file ${path} is not what belongs there`);
    });
  }

  /** Whether it still has a name in some folder. */
  get isThere(): boolean {
    return this.#file.isThere;
  }

  /** `undefined` when it is not there or fails its checksum. @throws STORE_CORRUPT, INTERNAL */
  async read(slot: number): Promise<SegmentAnswer | undefined> {
    const { offset, bytes } = placeOf(this.#layout, slot);
    return decodeSlot(this.#layout, slot, await this.#file.read(bytes, offset));
  }

  /**
   * Write segments; returns when they survive a power cut.
   *
   * @param answers verified, each one of the shard
   * @throws STORE_FULL, INVALID_ARGUMENT, INTERNAL
   */
  async write(answers: readonly SegmentAnswer[]): Promise<void> {
    for (const answer of answers) {
      const slot = slotOf(this.#layout, answer.index);
      if (slot === undefined) {
        throw new PerigeeError('INVALID_ARGUMENT', `segment ${answer.index} does not belong into ${this.#file.path}`);
      }
      await this.#file.write(encodeSlot(this.#layout, answer), placeOf(this.#layout, slot).offset);
    }
    await this.#file.sync();
  }

  /** Which slots are whole. Reads everything that was ever written, and of what was not the checksums alone. */
  async scan(): Promise<SlotSet> {
    const held = new SlotSet(this.#layout.slots);
    for (let slot = 0; slot < held.size; slot++) {
      const { offset, bytes } = placeOf(this.#layout, slot);
      const sum = await this.#file.read(CHECKSUM_BYTES, offset + bytes - CHECKSUM_BYTES);
      // a hole, or the end of the file
      if (sum.every((byte) => byte === 0)) continue;
      if ((await this.read(slot)) !== undefined) held.add(slot);
    }
    return held;
  }

  /** Returns when all that was written survives a power cut. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** What a file says of itself. @throws STORE_VERSION, STORE_CORRUPT, PARSE, INTERNAL */
export async function readSegmentFileHeader(path: string): Promise<SegmentFileHeader> {
  return DataFile.open(path, 'r', SEGMENT_FILE.what, async (file) => {
    const header = await readHead(SEGMENT_FILE, file);
    await file.close();
    return header;
  });
}
