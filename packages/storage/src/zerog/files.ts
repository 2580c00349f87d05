import { streamsOfTags } from '@perigee/light-core/kv';
import { type FileName, fileGeometry } from '@perigee/light-core/storage';
import { MAX_CACHED_SUBMISSIONS, type StoredFile, toHex } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import { layoutFor } from '../log/kept-file.ts';
import type { StorageNode } from '../node/index.ts';

/** `FileInfo` as 0G's clients know it. */
export interface FileInfo {
  readonly tx: {
    /** Streams that its tags name; none in files that write to none. */
    readonly streamIds: readonly string[];
    readonly data: readonly number[];
    readonly dataMerkleRoot: string;
    /** Height of a tree counts its leaves here: one more than in a submission. */
    readonly merkleNodes: readonly (readonly [height: number, root: string])[];
    readonly startEntryIndex: number;
    readonly size: number;
    readonly seq: number;
  };
  readonly finalized: boolean;
  readonly isCached: boolean;
  readonly uploadedSegNum: number;
  readonly pruned: boolean;
}

/** The chain's files by the names that 0G's clients have for them. */
export class Files {
  readonly #submissions: StorageNode['submissions'];
  readonly #log: FileLog;
  /** What is recorded of a submission never changes. The one used last is at the end. */
  readonly #known = new Map<number, StoredFile>();

  constructor(submissions: StorageNode['submissions'], log: FileLog) {
    this.#submissions = submissions;
    this.#log = log;
  }

  async byTxSeq(txSeq: number, signal: AbortSignal): Promise<StoredFile | undefined> {
    const file = this.#known.get(txSeq) ?? (await this.#submissions.byTxSeq(txSeq, signal));
    if (file === undefined) return undefined;
    this.#known.delete(txSeq);
    this.#known.set(txSeq, file);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_CACHED_SUBMISSIONS && oldest !== undefined) this.#known.delete(oldest);
    return file;
  }

  /**
   * The latest submission with this data root.
   *
   * @param needAvailable rather the latest of which this node has all that it keeps, where there is one
   */
  async byRoot(root: Uint8Array, needAvailable: boolean, signal: AbortSignal): Promise<StoredFile | undefined> {
    if (needAvailable) {
      const available = this.#log.ofRoot(root).findLast((file) => this.#log.status(file).finalized);
      if (available !== undefined) return this.byTxSeq(available.txSeq, signal);
    }
    return this.#submissions.byRoot(root, signal);
  }

  /** The one of this root and this length; rather without tags. */
  find(name: FileName, signal: AbortSignal): Promise<StoredFile | undefined> {
    return this.#submissions.find(name, signal);
  }

  /** By its number or its data root. */
  named(name: number | Uint8Array, signal: AbortSignal): Promise<StoredFile | undefined> {
    return typeof name === 'number' ? this.byTxSeq(name, signal) : this.byRoot(name, true, signal);
  }

  /** What this node has of a file. */
  infoOf(file: StoredFile): FileInfo {
    const { finalized, missing } = this.#log.status(file);
    const { segments } = fileGeometry(file.length);
    return {
      tx: {
        streamIds: streamsOfTags(file.tags).map(hex),
        data: [],
        dataMerkleRoot: hex(file.root),
        merkleNodes: file.nodes.map(({ height, root }) => [height + 1, hex(root)]),
        startEntryIndex: file.startSector,
        size: file.length,
        seq: file.txSeq,
      },
      finalized,
      isCached: false,
      uploadedSegNum: finalized ? segments : layoutFor(file, this.#log.shard).slots - missing,
      pruned: false,
    };
  }
}

export function hex(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}
