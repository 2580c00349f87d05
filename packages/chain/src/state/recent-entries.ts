import { RecentCache } from '../recent-cache.ts';
import { type Entry, entryOf } from './entry.ts';
import type { NamedEntry } from './view.ts';

/** Entries of one store that are kept, and up to twice as many. */
const ENTRIES = 65_536;
/** Bytes of their keys and values that are enough. */
const ENTRY_BYTES = 16 * 1024 * 1024;

/** What was read or written lately of the last state, by store: a walk down the tree costs a miss of the processor's cache at each step. */
export class RecentEntries {
  #stores = new Map<string, RecentCache<Entry>>();

  get(store: string, name: string): Entry | undefined {
    return this.#stores.get(store)?.get(name);
  }

  set(store: string, name: string, entry: Entry): void {
    let entries = this.#stores.get(store);
    if (entries === undefined) {
      entries = new RecentCache(ENTRIES, { enough: ENTRY_BYTES, of: ({ key, bytes }) => key.length + (bytes?.length ?? 0) });
      this.#stores.set(store, entries);
    }
    entries.set(name, entry);
  }

  /** The state has changed. Only bytes are taken, to be read when somebody asks: a node that starts anew reads them too. */
  changed(store: string, written: readonly NamedEntry[]): void {
    for (const { name, entry } of written) this.set(store, name, entryOf(entry.key, entry.bytes));
  }

  /** There is another state. */
  clear(): void {
    this.#stores = new Map();
  }
}
