import { compare } from '@perigee/wire';

/** Reads one state. Stores are named as in `@perigee/light-core/state`. */
export interface StateReader {
  /** @returns the value, or `undefined` when the key is not there */
  get(store: string, key: Uint8Array): Uint8Array | undefined;
}

/** A written key; `value` undefined deletes it. */
export interface StateWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/**
 * Buffered writes over a state: read through, applied all at once or dropped. A view over a view is a transaction inside a block.
 */
export class StateView implements StateReader {
  readonly #below: StateReader;
  readonly #stores = new Map<string, Map<string, StateWrite>>();

  constructor(below: StateReader) {
    this.#below = below;
  }

  get(store: string, key: Uint8Array): Uint8Array | undefined {
    const write = this.#stores.get(store)?.get(name(key));
    return write === undefined ? this.#below.get(store, key) : write.value;
  }

  /** An empty value deletes (PROTOCOL §6). */
  set(store: string, key: Uint8Array, value: Uint8Array): void {
    let writes = this.#stores.get(store);
    if (writes === undefined) {
      writes = new Map();
      this.#stores.set(store, writes);
    }
    writes.set(name(key), { key, value: value.length === 0 ? undefined : value });
  }

  delete(store: string, key: Uint8Array): void {
    this.set(store, key, new Uint8Array(0));
  }

  /** A view over this one. */
  child(): StateView {
    return new StateView(this);
  }

  /** Hands all writes to the view below. */
  applyTo(below: StateView): void {
    for (const [store, writes] of this.#stores) {
      for (const { key, value } of writes.values()) below.set(store, key, value ?? new Uint8Array(0));
    }
  }

  /** Writes of one store ascending by key, the last one of each key. */
  writes(store: string): StateWrite[] {
    return [...(this.#stores.get(store)?.values() ?? [])].sort((a, b) => compare(a.key, b.key));
  }
}

function name(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
