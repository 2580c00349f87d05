import { type FileName, fileGeometry } from '@perigee/light-core/storage';
import {
  concat,
  equal,
  type FileProof,
  MAX_PART_HEADER_BYTES,
  merkleSides,
  PART_VERSION,
  PartHeader,
  PerigeeError,
  u32le,
  utf8,
} from '@perigee/wire';
import type { RandomFile } from '../random-file.ts';

const MAGIC = utf8('perigee-part 01\n');
/** First byte of a slot whose segment is there. */
const THERE = 1;
/** Slots that are read at once. */
const PER_READ = 1_024;

/**
 * Notes beside a partial file: `magic ‖ u32le length ‖ PartHeader`, then a slot for each segment, `there ‖ root of the segment ‖ siblings above it`, filled
 * with zeros. With its proof a segment that is there can be checked again, alone, whatever happened to the disk.
 */
export class PartNotes {
  readonly #notes: RandomFile;
  readonly #file: FileName;
  readonly #start: number;
  readonly #slot: number;
  readonly #paddedSegments: number;
  /** Slots to be written, by segment. */
  #pending = new Map<number, Uint8Array>();

  private constructor(notes: RandomFile, file: FileName, start: number) {
    const { paddedSegments } = fileGeometry(file.length);
    this.#notes = notes;
    this.#file = file;
    this.#start = start;
    this.#paddedSegments = paddedSegments;
    this.#slot = 1 + 32 * (1 + longestPath(paddedSegments));
  }

  /** Begins notes; those of the same file that are there are gone on with. */
  static async open(notes: RandomFile, file: FileName): Promise<PartNotes> {
    const header = PartHeader.encode({ version: PART_VERSION, root: file.root, length: file.length });
    const start = concat(MAGIC, u32le(header.length), header);
    if (start.length > MAX_PART_HEADER_BYTES) throw new PerigeeError('INTERNAL', 'the header of a partial file is too long');
    const found = new Uint8Array(start.length);
    const isOurs = (await notes.read(0, found)) === start.length && equal(found, start);
    if (!isOurs) {
      await notes.truncate(0);
      await notes.write(0, start.slice());
    }
    return new PartNotes(notes, file, start.length);
  }

  /** Segments that are noted as there, with their proofs, which may be anything. */
  async *list(): AsyncGenerator<{ readonly index: number; readonly proof: FileProof }, void, undefined> {
    const { segments } = fileGeometry(this.#file.length);
    const slots = new Uint8Array(PER_READ * this.#slot);
    for (let from = 0; from < segments; from += PER_READ) {
      const read = await this.#notes.read(this.#start + from * this.#slot, slots);
      for (let i = 0; i < Math.min(PER_READ, segments - from) && (i + 1) * this.#slot <= read; i++) {
        const slot = slots.subarray(i * this.#slot, (i + 1) * this.#slot);
        if (slot[0] === THERE) yield { index: from + i, proof: this.#proofOf(from + i, slot) };
      }
      if (read < slots.length) return;
    }
  }

  /** Notes that a segment is there; on disk after `flush`. */
  add(index: number, { lemma }: FileProof): void {
    const slot = new Uint8Array(this.#slot);
    slot[0] = THERE;
    // of a file of one segment there is the root alone, which the header has
    if (lemma.length > 1) lemma.slice(0, -1).forEach((hash, i) => void slot.set(hash, 1 + 32 * i));
    this.#pending.set(index, slot);
  }

  /** The data must be flushed before. Runs of slots are written together. */
  async flush(): Promise<void> {
    const pending = [...this.#pending].sort(([a], [b]) => a - b);
    this.#pending = new Map();
    for (let i = 0; i < pending.length; ) {
      const [first] = pending[i] ?? [0];
      let end = i;
      while (end < pending.length && pending[end]?.[0] === first + end - i) end++;
      const run = concat(...pending.slice(i, end).map(([, slot]) => slot));
      await this.#notes.write(this.#start + first * this.#slot, run);
      i = end;
    }
  }

  #proofOf(index: number, slot: Uint8Array): FileProof {
    const { root } = this.#file;
    const sides = merkleSides(index, this.#paddedSegments);
    if (this.#paddedSegments === 1) return { lemma: [root], path: [] };
    const hashes = Array.from({ length: sides.length + 1 }, (_, i) => slot.slice(1 + 32 * i, 33 + 32 * i));
    return { lemma: [...hashes, root], path: sides.map((side) => side === 'left') };
  }
}

/** Siblings of a segment at most. */
function longestPath(paddedSegments: number): number {
  return Math.ceil(Math.log2(paddedSegments));
}
