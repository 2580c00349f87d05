import { fileGeometry, holdsSegment, type Shard } from '@perigee/light-core/storage';
import {
  FILE_STATUS,
  MAX_IN_FLIGHT,
  MAX_SEGMENTS_PER_REQUEST,
  type PerigeeError,
  PUT_REST_MS,
  type SegmentUploadAnswer,
  type StoredFile,
} from '@perigee/wire';
import type { FilePeer } from '../parts.ts';
import type { NodeProgress } from '../requests.ts';

/** Failures after which it is left alone no longer still. */
const MAX_RESTS = 10;

/** A node that may take segments of a file: what it wants, and how it does. */
export class UploadNode {
  readonly peer: FilePeer;
  readonly shard: Shard;
  /** Requests under way. */
  load = 0;
  finalized = false;
  /** Segments that it said it wants, last time. */
  missing = 0;
  /** When it last took something, or was found, milliseconds since 1970. */
  movedAt: number;
  restsUntil = 0;
  failures = 0;
  /** Why it failed last. */
  error: PerigeeError | undefined;
  /** It will not take the file, whatever is done. */
  refused = false;
  /** Segments that are to be sent, the next at the end. */
  #wanted: number[] = [];
  /** Segments of the file that are of its shard. */
  readonly #own: number;

  constructor(peer: FilePeer, shard: Shard, file: StoredFile, now: number) {
    this.peer = peer;
    this.shard = shard;
    this.movedAt = now;
    const { segments } = fileGeometry(file.length);
    const { numShard } = shard;
    const first = Array.from({ length: Math.min(numShard, segments) }, (_, index) => index).find((index) =>
      holdsSegment(shard, file.startSector, index),
    );
    this.#own = first === undefined ? 0 : Math.ceil((segments - first) / numShard);
  }

  get progress(): NodeProgress {
    const { shardId, numShard } = this.shard;
    return { peerId: this.peer.id, shardId, numShard, missing: this.missing, finalized: this.finalized };
  }

  /** Segments of its shard, and those of them that it has. */
  get own(): number {
    return this.#own;
  }
  get stored(): number {
    return this.finalized ? this.#own : Math.max(0, this.#own - this.missing);
  }

  isFree(now: number): boolean {
    return this.peer.usable && !this.finalized && !this.refused && this.load < MAX_IN_FLIGHT && now >= this.restsUntil;
  }

  /** Takes the next segments to send off the list. */
  next(): number[] {
    return this.#wanted.splice(-MAX_SEGMENTS_PER_REQUEST).reverse();
  }

  /** Nothing more is to be sent, and it does not say that it has all: what was lost on the way is not known here. */
  get isDoubtful(): boolean {
    return !this.finalized && this.#wanted.length === 0 && this.load === 0;
  }

  /** It did not take these. */
  again(indices: readonly number[]): void {
    this.#wanted.push(...indices.toReversed());
  }

  took({ status, missing }: SegmentUploadAnswer, now: number): void {
    this.movedAt = now;
    this.failures = 0;
    this.missing = missing;
    this.finalized = status === FILE_STATUS.finalized && missing === 0;
  }

  failed(error: PerigeeError, now: number): void {
    this.error = error;
    this.failures++;
    this.restsUntil = now + PUT_REST_MS * Math.min(this.failures, MAX_RESTS);
  }

  /** Sets what is to be sent, from what it says that it needs not. */
  wants(file: StoredFile, needless: (index: number) => boolean): void {
    const { segments } = fileGeometry(file.length);
    this.#wanted = [];
    for (let index = segments - 1; index >= 0; index--) {
      if (holdsSegment(this.shard, file.startSector, index) && !needless(index)) this.#wanted.push(index);
    }
  }
}
