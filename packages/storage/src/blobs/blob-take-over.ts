import { setImmediate } from 'node:timers/promises';
import type { BlobSource, Clock } from '@perigee/light-core/roles';
import {
  blobIdOfTags,
  type FileHash,
  type FileTree,
  FileTreeBuilder,
  proveSegment,
  segmentBytes,
} from '@perigee/light-core/storage';
import { createStopController } from '@perigee/net';
import {
  equal,
  FILE_SEGMENT_BYTES,
  MAX_FILE_QUESTIONS_PER_HEAD,
  MAX_SEGMENTS_PER_REQUEST,
  MAX_SYNC_WAITS,
  PerigeeError,
  type SegmentAnswer,
  type StoredFile,
  toHex,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import { FileWaits } from '../sync/file-waits.ts';

/** Under this name room on the disk is held: no peer has it. */
const OWN_NAME = 'take-over';

export interface BlobTakeOverParts {
  readonly log: FileLog;
  readonly submissions: { byTxSeq(txSeq: number, signal: AbortSignal): Promise<StoredFile | undefined> };
  readonly room: {
    hold(peerId: string, txSeq: number, missingBytes: number): void;
    release(peerId: string, txSeq: number): void;
  };
  readonly source: BlobSource;
  readonly hash: FileHash;
  readonly clock: Clock;
  readonly onFault: (error: PerigeeError) => void;
}

/**
 * Takes over the blobs that their publishers have handed over: fetches each from the rows of data availability while they are owed, and keeps its
 * part of the file that the chain has of it. One blob at a time; what is missing is the log's to know, so it goes on after any end.
 */
export class BlobTakeOver {
  readonly #parts: BlobTakeOverParts;
  readonly #waits = new FileWaits(0);
  readonly #stop = createStopController();
  /** Unfinished files that are no blobs, or not what their publisher says. */
  readonly #others = new Set<number>();
  #running: Promise<void> | undefined;

  constructor(parts: BlobTakeOverParts) {
    this.#parts = parts;
  }

  /** One round at a time: heads that come meanwhile are left to the next. */
  onHead(): void {
    if (this.#stop.signal.aborted) return;
    this.#running ??= this.#round()
      .catch((error: unknown) => this.#parts.onFault(PerigeeError.from(error)))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #round(): Promise<void> {
    const { log, submissions, clock } = this.#parts;
    for (const file of log.unfinished(MAX_FILE_QUESTIONS_PER_HEAD + this.#others.size)) {
      const { txSeq } = file;
      if (this.#stop.signal.aborted) return;
      if (this.#others.has(txSeq) || !this.#waits.isDue(txSeq, log.status(file).missing, clock.now(), false)) continue;
      const submitted = await submissions.byTxSeq(txSeq, this.#stop.signal);
      const blobId = submitted && blobIdOfTags(submitted.tags);
      if (submitted === undefined || blobId === undefined) this.#leave(txSeq);
      else await this.#takeOver(submitted, blobId);
    }
  }

  async #takeOver(file: StoredFile, blobId: Uint8Array): Promise<void> {
    const { log, room, source, clock, onFault } = this.#parts;
    const { txSeq } = file;
    try {
      room.hold(OWN_NAME, txSeq, Math.min(log.status(file).missing * FILE_SEGMENT_BYTES, file.length));
      const data = await source.read(blobId, { signal: this.#stop.signal });
      const tree = data.length === file.length ? await this.#treeOf(data) : undefined;
      if (tree === undefined || !equal(tree.root, file.root)) {
        this.#leave(txSeq);
        const words = `submission ${txSeq} says that it is blob ${toHex(blobId)}, and has another root or length: its publisher is at fault`;
        onFault(new PerigeeError('FILE_PROOF', words, { data: { txSeq } }));
        return;
      }
      await this.#keep(file, data, tree);
      this.#waits.forget(txSeq);
    } catch (thrown) {
      const error = PerigeeError.from(thrown);
      if (this.#stop.signal.aborted) return;
      this.#waits.again(txSeq, log.status(file).missing, clock.now());
      if (error.code !== 'BUSY') onFault(error);
    } finally {
      room.release(OWN_NAME, txSeq);
    }
  }

  async #keep({ txSeq }: StoredFile, data: Uint8Array, tree: FileTree): Promise<void> {
    const { log } = this.#parts;
    let next = log.nextMissing(txSeq, 0);
    while (next !== undefined && !this.#stop.signal.aborted) {
      const answers: SegmentAnswer[] = [];
      for (; next !== undefined && answers.length < MAX_SEGMENTS_PER_REQUEST; next = log.nextMissing(txSeq, next + 1)) {
        const bytes = new Uint8Array(segmentBytes(tree.geometry, next));
        bytes.set(data.subarray(next * FILE_SEGMENT_BYTES, (next + 1) * FILE_SEGMENT_BYTES));
        answers.push({ index: next, data: bytes, proof: proveSegment(tree, next) });
      }
      await log.write(txSeq, answers);
    }
  }

  /** Others get their turn while it is hashed. */
  async #treeOf(data: Uint8Array): Promise<FileTree> {
    const builder = new FileTreeBuilder(this.#parts.hash);
    for (let at = 0; at < data.length; at += FILE_SEGMENT_BYTES) {
      builder.write(data.subarray(at, at + FILE_SEGMENT_BYTES));
      await setImmediate();
    }
    return builder.finish();
  }

  #leave(txSeq: number): void {
    const [oldest] = this.#others;
    if (this.#others.size >= MAX_SYNC_WAITS && oldest !== undefined) this.#others.delete(oldest);
    this.#others.add(txSeq);
  }
}
