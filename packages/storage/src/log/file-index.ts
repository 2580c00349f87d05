import { letGo, OpenLevel, openOnce, openOrReplace } from '@perigee/disk';
import { type Infer, MAX_FILE_SHARDS, message, PerigeeError, proto } from '@perigee/wire';

/** Version of the index and of what belongs together in the folder. */
const FORMAT = 1;
/** Shard and place in the chain's submissions. */
const STATE_KEY = 'state';

export const FileIndexState = message('FileIndexState', {
  shardId: [1, proto.uint32(MAX_FILE_SHARDS - 1)],
  numShard: [2, proto.uint32(MAX_FILE_SHARDS)],
  /** First submission that was not looked at yet. */
  nextTxSeq: [3, proto.uint53()],
});
export type FileIndexState = Infer<typeof FileIndexState>;

/** What is known of a submission's file: the rest is in it. */
export const FileIndexEntry = message('FileIndexEntry', {
  txSeq: [1, proto.uint53()],
  /** Data root. */
  root: [2, proto.fixedBytes(32)],
  /** Bytes. */
  length: [3, proto.uint53()],
  /** First sector in the flow. */
  startSector: [4, proto.uint53()],
  /** Every segment of the shard was verified, and is on disk. */
  finalized: [5, proto.bool()],
});
export type FileIndexEntry = Infer<typeof FileIndexEntry>;

/** File name → entry, in LevelDB, which also keeps other processes out. */
export interface FileIndex {
  readonly entries: ReadonlyMap<string, FileIndexEntry>;
  /** `undefined` when the folder had no index before. */
  readonly state: FileIndexState | undefined;
  /** Returns when the entry survives a power cut. */
  put(name: string, entry: FileIndexEntry): Promise<void>;
  putState(state: FileIndexState): Promise<void>;
  close(): Promise<void>;
}

/**
 * What cannot be read is put aside as `<folder>.damaged`, and a new index begun: the files of segments tell what belongs into it.
 *
 * @param onFault told of what was put aside, and of entries that cannot be read; they are left out
 * @throws STORE_LOCKED, STORE_VERSION, STORE_FULL, INTERNAL
 */
export async function openFileIndex(folder: string, onFault: (error: PerigeeError) => void): Promise<FileIndex> {
  return openOnce(folder, 'the index', (path) => openOrReplace(path, onFault, () => LevelIndex.open(path, onFault)));
}

class LevelIndex implements FileIndex {
  readonly entries = new Map<string, FileIndexEntry>();
  state: FileIndexState | undefined;
  readonly #folder: string;
  readonly #level: OpenLevel;

  private constructor(folder: string, level: OpenLevel) {
    this.#folder = folder;
    this.#level = level;
  }

  /** @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, STORE_FULL, INTERNAL */
  static async open(folder: string, onFault: (error: PerigeeError) => void): Promise<LevelIndex> {
    const level = await OpenLevel.open(folder, FORMAT, 'files');
    try {
      const index = new LevelIndex(folder, level);
      for await (const [name, value] of level.entries()) {
        try {
          if (name === STATE_KEY) index.state = FileIndexState.decodeCanonical(value);
          else index.entries.set(name, FileIndexEntry.decodeCanonical(value));
        } catch (cause) {
          onFault(new PerigeeError('STORE_CORRUPT', `index entry ${name.slice(0, 160)} cannot be read`, { cause }));
        }
      }
      return index;
    } catch (error) {
      await level.close();
      throw error;
    }
  }

  async put(name: string, entry: FileIndexEntry): Promise<void> {
    await this.#level.write((level) => level.put(name, FileIndexEntry.encode(entry), { sync: true }));
    this.entries.set(name, entry);
  }

  async putState(state: FileIndexState): Promise<void> {
    await this.#level.write((level) => level.put(STATE_KEY, FileIndexState.encode(state), { sync: true }));
    this.state = state;
  }

  async close(): Promise<void> {
    await this.#level.close();
    letGo(this.#folder);
  }
}
