import { letGo, OpenLevel, openOnce, openOrReplace } from '@perigee/disk';
import { type Infer, message, PerigeeError, proto } from '@perigee/wire';

/** Version of the index and of what belongs together in the folder. */
const FORMAT = 1;

/** What changes about a holding: everything else is in its file. */
export const IndexEntry = message('IndexEntry', {
  /** Bytes of the file when all rows are in it. */
  bytes: [1, proto.uint53()],
  /** All rows were on disk. */
  sealed: [2, proto.bool()],
  /** Height after which the chain is asked whether rows must still be kept. */
  keepUntil: [3, proto.uint53()],
});
export type IndexEntry = Infer<typeof IndexEntry>;

/** File name → entry, in LevelDB, which also keeps other processes out. */
export interface RowIndex {
  readonly entries: ReadonlyMap<string, IndexEntry>;
  /** True when the folder had no index before. */
  readonly isNew: boolean;
  /** Returns when the entry survives a power cut. */
  put(name: string, entry: IndexEntry): Promise<void>;
  delete(name: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * What cannot be read is put aside as `<folder>.damaged`, and a new index begun: the files of rows tell what belongs into it.
 *
 * @param onFault told of what was put aside, and of entries that cannot be read; they are left out
 * @throws STORE_LOCKED, STORE_VERSION, STORE_FULL, INTERNAL
 */
export async function openRowIndex(folder: string, onFault: (error: PerigeeError) => void): Promise<RowIndex> {
  return openOnce(folder, 'the index', (path) => openOrReplace(path, onFault, () => LevelIndex.open(path, onFault)));
}

class LevelIndex implements RowIndex {
  readonly entries = new Map<string, IndexEntry>();
  readonly #folder: string;
  readonly #level: OpenLevel;

  private constructor(folder: string, level: OpenLevel) {
    this.#folder = folder;
    this.#level = level;
  }

  /** @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, STORE_FULL, INTERNAL */
  static async open(folder: string, onFault: (error: PerigeeError) => void): Promise<LevelIndex> {
    const level = await OpenLevel.open(folder, FORMAT, 'rows');
    try {
      const index = new LevelIndex(folder, level);
      for await (const [name, value] of level.entries()) {
        try {
          index.entries.set(name, IndexEntry.decodeCanonical(value));
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

  get isNew(): boolean {
    return this.#level.isNew;
  }

  /** Each entry is written whole, so writing it again sets right what failed. */
  async put(name: string, entry: IndexEntry): Promise<void> {
    await this.#level.write((level) => level.put(name, IndexEntry.encode(entry), { sync: true }));
    this.entries.set(name, entry);
  }

  async delete(name: string): Promise<void> {
    await this.#level.write((level) => level.del(name, { sync: true }));
    this.entries.delete(name);
  }

  async close(): Promise<void> {
    await this.#level.close();
    letGo(this.#folder);
  }
}
