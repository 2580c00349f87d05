import type { Message } from '@perigee/wire';
import { bytesOf, type Entry, messageOf, nameOf } from './entry.ts';

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

/** By name of the key: text with a character for each byte, which sorts as the key does. */
type Entries = Map<string, Entry>;

/**
 * Buffered writes over a state: read through, applied all at once or dropped. Parts of them can be tried and undone.
 * What was read of the state below is remembered: it does not change while a view is over it.
 */
export class StateView implements StateReader {
  readonly #below: StateReader;
  readonly #stores = new Map<string, { readonly known: Entries; readonly written: Entries }>();
  /** How to undo what was written since the first `attempt` began. */
  readonly #undo: { readonly written: Entries; readonly name: string; readonly before: Entry | undefined }[] = [];
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
  read<T>(store: string, key: Uint8Array, type: Message<T>): T | undefined {
    return messageOf(this.#entry(store, key), type);
  }

  /** An empty value deletes (PROTOCOL §6). */
  set(store: string, key: Uint8Array, value: Uint8Array): void {
    this.#write(store, { key, bytes: value.length === 0 ? undefined : value });
  }

  /** Set a message that is not empty. It must not be changed afterwards. */
  write<T>(store: string, key: Uint8Array, type: Message<T>, value: T): void {
    this.#write(store, {
      key,
      bytes: undefined,
      decoded: { type: type as Message<never>, value, encode: () => type.encode(value) },
    });
  }

  delete(store: string, key: Uint8Array): void {
    this.#write(store, { key, bytes: undefined });
  }

  /**
   * Try a change: what it writes is undone if it throws, or if what it gives is not kept.
   *
   * @throws what `change` throws
   */
  attempt<T>(change: () => T, keep: (result: T) => boolean = () => true): T {
    const mark = this.#undo.length;
    this.#attempts += 1;
    let kept = false;
    try {
      const result = change();
      kept = keep(result);
      return result;
    } finally {
      this.#attempts -= 1;
      if (!kept) {
        for (const { written, name, before } of this.#undo.splice(mark).reverse()) {
          if (before === undefined) written.delete(name);
          else written.set(name, before);
        }
      } else if (this.#attempts === 0) this.#undo.length = 0;
    }
  }

  /** Writes of one store ascending by key, the last one of each key. */
  writes(store: string): StateWrite[] {
    const written = [...(this.#stores.get(store)?.written ?? [])];
    written.sort(([a], [b]) => (a < b ? -1 : 1));
    return written.map(([, entry]) => ({ key: entry.key, value: bytesOf(entry) }));
  }

  /** What was written of one store, each with what the state below has there; in no order. */
  changes(store: string): { readonly key: Uint8Array; readonly before: Entry; readonly after: Entry }[] {
    return [...(this.#stores.get(store)?.written ?? [])].map(([name, after]) => {
      const { key } = after;
      return { key, before: this.#known(store, key, name), after };
    });
  }

  #entry(store: string, key: Uint8Array): Entry {
    const name = nameOf(key);
    return this.#stores.get(store)?.written.get(name) ?? this.#known(store, key, name);
  }

  #known(store: string, key: Uint8Array, name: string): Entry {
    const { known } = this.#store(store);
    let entry = known.get(name);
    if (entry === undefined) {
      entry = this.#below.entry?.(store, key, name) ?? { key, bytes: this.#below.get(store, key) };
      known.set(name, entry);
    }
    return entry;
  }

  #write(store: string, entry: Entry): void {
    const { written } = this.#store(store);
    const name = nameOf(entry.key);
    if (this.#attempts > 0) this.#undo.push({ written, name, before: written.get(name) });
    written.set(name, entry);
  }

  #store(name: string): { readonly known: Entries; readonly written: Entries } {
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = { known: new Map(), written: new Map() };
      this.#stores.set(name, store);
    }
    return store;
  }
}
