import type { Shard } from '@perigee/light-core/storage';
import { equal, PerigeeError, type StoredFile, Turn } from '@perigee/wire';
import type { FileIndexEntry } from './file-index.ts';
import { layoutOf, placeOf, type SegmentFileLayout, segmentOf, totalBytes } from './segment-file-format.ts';
import { SlotSet } from './slot-set.ts';

/** A submission as the chain's state proves it. */
export type LogFile = Pick<StoredFile, 'txSeq' | 'root' | 'length' | 'startSector'>;

/** A submission that a log knows, and what is on disk of it. */
export class KeptFile {
  readonly file: LogFile;
  /** Writes, and looks at what seems damaged, happen one after another. */
  readonly turn = new Turn();
  /** Slots that were flushed; `undefined` for all of them. */
  held: SlotSet | undefined;
  /** The index says that all are there. */
  finalized = false;
  /** There is something under its name. */
  hasFile: boolean;
  readonly #shard: Shard;

  constructor({ txSeq, root, length, startSector }: LogFile, shard: Shard, hasFile: boolean) {
    this.file = { txSeq, root: new Uint8Array(root), length, startSector };
    this.#shard = shard;
    this.hasFile = hasFile;
    this.held = new SlotSet(this.layout.slots);
  }

  /** Made when it is needed: there may be a million of files. */
  get layout(): SegmentFileLayout {
    return layoutFor(this.file, this.#shard);
  }

  get name(): string {
    return fileNameOf(this.file.txSeq);
  }

  get entry(): FileIndexEntry {
    return { ...this.file, finalized: this.finalized };
  }

  /** Segments of the shard that are not there. */
  get missing(): number {
    return this.held === undefined ? 0 : this.held.size - this.held.count;
  }

  get bytes(): number {
    const { held, layout } = this;
    if (held === undefined) return totalBytes(layout);
    let bytes = this.hasFile ? layout.head.length : 0;
    for (let slot = 0; slot < held.size; slot++) if (held.has(slot)) bytes += placeOf(layout, slot).bytes;
    return bytes;
  }

  has(slot: number): boolean {
    return this.held === undefined || this.held.has(slot);
  }

  /** The first segment from an index on that is of the shard, and not there. */
  nextMissing(from: number): number | undefined {
    if (this.missing === 0) return undefined;
    const { layout } = this;
    for (let slot = Math.max(0, Math.ceil((from - layout.first) / layout.header.numShard)); slot < layout.slots; slot++) {
      if (!this.has(slot)) return segmentOf(layout, slot);
    }
    return undefined;
  }

  /** @throws STORE_CORRUPT when the chain has another file of this number */
  checkSame({ txSeq, root, length, startSector }: LogFile): void {
    const { file } = this;
    if (equal(file.root, root) && file.length === length && file.startSector === startSector) return;
    throw new PerigeeError(
      'STORE_CORRUPT',
      `submission ${txSeq} is another file here than on the chain: this folder belongs to another chain`,
    );
  }
}

/** How a log of a shard lays out a submission. @throws INVALID_ARGUMENT for a length that no file has */
export function layoutFor({ txSeq, root, length, startSector }: LogFile, { shardId, numShard }: Shard): SegmentFileLayout {
  return layoutOf({ txSeq, root, length, startSector, shardId, numShard });
}

const NAME = /^[0-9a-f]{16}\.segments$/;

export function fileNameOf(txSeq: number): string {
  return `${txSeq.toString(16).padStart(16, '0')}.segments`;
}

export function isFileName(name: string): boolean {
  return NAME.test(name);
}
