import type { Clock } from '@perigee/light-core/roles';
import { type FileHash, type FileName, fileGeometry, verifySegment } from '@perigee/light-core/storage';
import {
  FILE_CHUNK_BYTES,
  MAX_WAITING_BYTES_PER_PEER,
  MAX_WAITING_FILE_BYTES,
  MAX_WAITING_FILES,
  MAX_WAITING_FILES_BYTES,
  PerigeeError,
  type SegmentAnswer,
  toHex,
  WAITING_FILE_MS,
} from '@perigee/wire';

interface Waiting {
  /** Who brought it first: it counts as theirs. */
  readonly peerId: string;
  /** When it is let go, by the clock: nothing that comes later makes it stay longer. */
  readonly untilMs: number;
  /** Bytes that all its segments take: they are counted from the first on. */
  readonly bytes: number;
  readonly segments: Map<number, SegmentAnswer>;
  /** How many there are to be. */
  readonly total: number;
}

/** Small files that came before the chain told of their submission, in memory. Nothing of them is promised. */
export class WaitingFiles {
  readonly #hash: FileHash;
  readonly #clock: Clock;
  readonly #files = new Map<string, Waiting>();

  constructor(hash: FileHash, clock: Clock) {
    this.#hash = hash;
    this.#clock = clock;
  }

  get count(): number {
    this.#expire();
    return this.#files.size;
  }

  get bytes(): number {
    return this.#sum(() => true);
  }

  /**
   * Keep segments for a while, verified by the root and the length that they shall be submitted with.
   *
   * @throws NOT_FOUND (too long to wait: submit it first), BUSY (too much waits), SEGMENT_INDEX, SEGMENT_SIZE, FILE_PROOF
   */
  put(name: FileName, answers: readonly SegmentAnswer[], peerId: string): void {
    this.#expire();
    if (name.length > MAX_WAITING_FILE_BYTES) {
      throw new PerigeeError(
        'NOT_FOUND',
        `no such file was submitted; submit it first: only files up to ${MAX_WAITING_FILE_BYTES} bytes may come before`,
      );
    }
    for (const answer of answers) verifySegment(name, answer, this.#hash);
    if (answers.length === 0) return;
    const waiting = this.#files.get(keyOf(name)) ?? this.#admit(name, peerId);
    for (const { index, data, proof } of answers) {
      if (waiting.segments.has(index)) continue;
      // what came is a view of a frame
      const lemma = proof.lemma.map((one) => new Uint8Array(one));
      waiting.segments.set(index, { index, data: new Uint8Array(data), proof: { lemma, path: [...proof.path] } });
    }
  }

  has(name: FileName, index: number): boolean {
    return this.#files.get(keyOf(name))?.segments.has(index) ?? false;
  }

  /** Segments that did not come yet. */
  missing(name: FileName): number {
    const waiting = this.#files.get(keyOf(name));
    return waiting === undefined ? fileGeometry(name.length).segments : waiting.total - waiting.segments.size;
  }

  /** What came of a file, verified. It does not wait any more. */
  take(name: FileName): SegmentAnswer[] {
    this.#expire();
    const key = keyOf(name);
    const segments = [...(this.#files.get(key)?.segments.values() ?? [])];
    this.#files.delete(key);
    return segments;
  }

  #admit(name: FileName, peerId: string): Waiting {
    const { chunks, segments: total } = fileGeometry(name.length);
    const bytes = chunks * FILE_CHUNK_BYTES;
    const ofPeer = this.#sum((one) => one.peerId === peerId) + bytes;
    const ofAll = this.#sum(() => true) + bytes;
    if (this.#files.size >= MAX_WAITING_FILES || ofAll > MAX_WAITING_FILES_BYTES || ofPeer > MAX_WAITING_BYTES_PER_PEER) {
      throw new PerigeeError('BUSY', 'too many files wait for their submission; submit this one first, or try again later', {
        data: { files: this.#files.size, ofAll, ofPeer },
      });
    }
    const waiting = { peerId, untilMs: this.#clock.now() + WAITING_FILE_MS, bytes, segments: new Map(), total };
    this.#files.set(keyOf(name), waiting);
    return waiting;
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const [key, { untilMs }] of this.#files) if (untilMs <= now) this.#files.delete(key);
  }

  #sum(counts: (waiting: Waiting) => boolean): number {
    let bytes = 0;
    for (const waiting of this.#files.values()) if (counts(waiting)) bytes += waiting.bytes;
    return bytes;
  }
}

function keyOf({ root, length }: FileName): string {
  return `${toHex(root)} ${length}`;
}
