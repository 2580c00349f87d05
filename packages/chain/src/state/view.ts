import type { Message } from '@perigee/wire';
import { bytesOf, type Entry, entryOf, messageOf, nameOf, StateKey } from './entry.ts';

/** Reads one state. Stores are named as in `@perigee/light-core/state`. */
export interface StateReader {
  /** @returns the value, or `undefined` when the key is not there */
  get(store: string, key: Uint8Array): Uint8Array | undefined;
  /** The same, shared by all who read it: what one has decoded nobody decodes again. @param name of the key */
  entry?(store: string, key: Uint8Array, name: string): Entry;
}

/** A written key; `value` undefined deletes it. */
export interface StateWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** What a view knows of a key. */
interface Cell {
  readonly key: Uint8Array;
  /** In the state below, once somebody asked. */
  before: Entry | undefined;
  /** What was written. */
  after: Entry | undefined;
}

/** By name of the key: text with a character for each byte, which sorts as the key does. */
type Cells = Map<string, Cell>;

/** A written key with its name. Its bytes are there. */
export interface NamedEntry {
  readonly name: string;
  readonly entry: Entry;
}

/**
 * Buffered writes over a state: read through, applied all at once or dropped. Parts of them can be tried and undone.
 * What was read of the state below is remembered: it does not change while a view is over it.
 */
export class StateView implements StateReader {
  readonly #below: StateReader;
  readonly #stores = new Map<string, Cells>();
  // how to undo what was written since the first `attempt` began: cells, and what was written in each before
  readonly #touched: Cell[] = [];
  readonly #untouched: (Entry | undefined)[] = [];
  #attempts = 0;

  constructor(below: StateReader) {
    this.#below = below;
  }

  get(store: string, key: Uint8Array): Uint8Array | undefined {
    return bytesOf(this.#entry(store, key));
  }

  /**
   * The value as a message. Who reads it shares it with others: it must not be changed.
   *
   * @throws PARSE
   */
  read<T>(store: string, key: Uint8Array | StateKey, type: Message<T>): T | undefined {
    return messageOf(this.#entry(store, key), type);
  }

  /** An empty value deletes (PROTOCOL §6). */
  set(store: string, key: Uint8Array, value: Uint8Array): void {
    this.#write(this.#cell(store, key), value.length === 0 ? undefined : value);
  }

  /** Set a message that is not empty. It must not be changed afterwards. */
  write<T>(store: string, key: Uint8Array | StateKey, type: Message<T>, value: T): void {
    this.#write(this.#cell(store, key), undefined, type as Message<never>, value);
  }

  delete(store: string, key: Uint8Array | StateKey): void {
    this.#write(this.#cell(store, key), undefined);
  }

  /**
   * Try a change: what it writes is undone if it throws, or if what it gives is not kept.
   *
   * @throws what `change` throws
   */
  attempt<T>(change: () => T, keep: (result: T) => boolean = () => true): T {
    const mark = this.#touched.length;
    this.#attempts += 1;
    let kept = false;
    try {
      const result = change();
      kept = keep(result);
      return result;
    } finally {
      this.#attempts -= 1;
      if (!kept) {
        for (let i = this.#touched.length - 1; i >= mark; i--) (this.#touched[i] as Cell).after = this.#untouched[i];
        this.#forget(mark);
      } else if (this.#attempts === 0) this.#forget(0);
    }
  }

  /** Writes of one store ascending by key, the last one of each key. */
  writes(store: string): StateWrite[] {
    return this.written(store).map(({ entry }) => ({ key: entry.key, value: bytesOf(entry) }));
  }

  /** The same, as they are kept. */
  written(store: string): NamedEntry[] {
    const written: NamedEntry[] = [];
    // a loop over the map would make a list of each key and cell
    this.#stores.get(store)?.forEach(({ after }, name) => {
      if (after === undefined) return;
      bytesOf(after);
      written.push({ name, entry: after });
    });
    return written.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What was written of one store, each with what the state below has there; in no order. */
  changes(store: string): { readonly key: Uint8Array; readonly before: Entry; readonly after: Entry }[] {
    const changes: { key: Uint8Array; before: Entry; after: Entry }[] = [];
    this.#stores.get(store)?.forEach((cell, name) => {
      const { key, after } = cell;
      if (after !== undefined) changes.push({ key, before: this.#before(store, cell, name), after });
    });
    return changes;
  }

  #entry(store: string, key: Uint8Array | StateKey): Entry {
    const named = key instanceof StateKey;
    const name = named ? key.name : nameOf(key);
    const cell = this.#cellOf(store, named ? key.bytes : key, name);
    return cell.after ?? this.#before(store, cell, name);
  }

  #before(store: string, cell: Cell, name: string): Entry {
    const { key } = cell;
    cell.before ??= this.#below.entry?.(store, key, name) ?? entryOf(key, this.#below.get(store, key));
    return cell.before;
  }

  #write(cell: Cell, bytes: Uint8Array | undefined, type?: Message<never>, value?: unknown): void {
    if (this.#attempts > 0) {
      this.#touched.push(cell);
      this.#untouched.push(cell.after);
    }
    cell.after = { key: cell.key, bytes, type, value };
  }

  #forget(mark: number): void {
    this.#touched.length = mark;
    this.#untouched.length = mark;
  }

  #cell(store: string, key: Uint8Array | StateKey): Cell {
    return key instanceof StateKey ? this.#cellOf(store, key.bytes, key.name) : this.#cellOf(store, key, nameOf(key));
  }

  #cellOf(store: string, key: Uint8Array, name: string): Cell {
    let cells = this.#stores.get(store);
    if (cells === undefined) {
      cells = new Map();
      this.#stores.set(store, cells);
    }
    let cell = cells.get(name);
    if (cell === undefined) {
      cell = { key, before: undefined, after: undefined };
      cells.set(name, cell);
    }
    return cell;
  }
}
