import { type Message, PerigeeError } from '@perigee/wire';
import { letGo, OpenLevel, openOnce, openOrReplace } from './level.ts';

/** What one record of the whole store is kept under; no file has this name. */
const STATE_KEY = 'state';

export interface IndexFormat<Entry, State> {
  /** Version of the index and of what belongs together in the folder. */
  readonly format: number;
  /** What the store keeps, for errors: rows. */
  readonly what: string;
  readonly entry: Message<Entry>;
  /** What is kept of the store as a whole, if anything. */
  readonly state?: Message<State>;
}

/**
 * What a store knows of its files beyond what is in them: file name → entry, in memory and in LevelDB, which also keeps other processes out.
 * Each is written whole, so writing it again sets right what failed.
 */
export class EntryIndex<Entry, State = never> {
  /** There was no index in the folder before. */
  readonly isNew: boolean;
  readonly #entries = new Map<string, Entry>();
  readonly #folder: string;
  readonly #level: OpenLevel;
  readonly #format: IndexFormat<Entry, State>;
  #state: State | undefined;

  private constructor(folder: string, level: OpenLevel, format: IndexFormat<Entry, State>) {
    this.isNew = level.isNew;
    this.#folder = folder;
    this.#level = level;
    this.#format = format;
  }

  /**
   * What cannot be read is put aside as `<folder>.damaged`, and a new index begun: the files tell what belongs into it.
   *
   * @param onFault told of what was put aside, and of entries that cannot be read; they are left out
   * @throws STORE_LOCKED, STORE_VERSION, STORE_FULL, INTERNAL
   */
  static async open<Entry, State = never>(
    folder: string,
    format: IndexFormat<Entry, State>,
    onFault: (error: PerigeeError) => void,
  ): Promise<EntryIndex<Entry, State>> {
    return openOnce(folder, 'the index', (path) => openOrReplace(path, onFault, () => EntryIndex.#read(path, format, onFault)));
  }

  static async #read<Entry, State>(
    path: string,
    format: IndexFormat<Entry, State>,
    onFault: (error: PerigeeError) => void,
  ): Promise<EntryIndex<Entry, State>> {
    const level = await OpenLevel.open(path, format.format, format.what);
    try {
      const index = new EntryIndex(path, level, format);
      for await (const [name, value] of level.entries()) {
        try {
          index.#take(name, value);
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

  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  /** `undefined` when it was never written. */
  get state(): State | undefined {
    return this.#state;
  }

  /** Returns when the entry survives a power cut. @throws STORE_FULL, STORE_CORRUPT, INTERNAL */
  async put(name: string, entry: Entry): Promise<void> {
    const value = this.#format.entry.encode(entry);
    await this.#level.write((level) => level.put(name, value, { sync: true }));
    this.#entries.set(name, entry);
  }

  /** As `put`. */
  async delete(name: string): Promise<void> {
    await this.#level.write((level) => level.del(name, { sync: true }));
    this.#entries.delete(name);
  }

  /** As `put`. */
  async putState(state: State): Promise<void> {
    const type = this.#format.state;
    if (type === undefined) throw new PerigeeError('INTERNAL', `an index of ${this.#format.what} keeps no state`);
    await this.#level.write((level) => level.put(STATE_KEY, type.encode(state), { sync: true }));
    this.#state = state;
  }

  async close(): Promise<void> {
    await this.#level.close();
    letGo(this.#folder);
  }

  /** @throws PARSE, NOT_CANONICAL */
  #take(name: string, value: Uint8Array): void {
    const { entry, state } = this.#format;
    if (state !== undefined && name === STATE_KEY) this.#state = state.decodeCanonical(value);
    else this.#entries.set(name, entry.decodeCanonical(value));
  }
}
