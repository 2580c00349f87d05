import { compare, fromHex, KvEntry, toHex } from '@perigee/wire';
import type { KvView } from '../../src/kv/index.ts';

/** Store `kv` as a map, that can be looked through in order. */
export class MapView implements KvView {
  readonly #entries = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(toHex(key));
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#entries.set(toHex(key), value);
  }

  delete(key: Uint8Array): void {
    this.#entries.delete(toHex(key));
  }

  sorted(): [key: Uint8Array, value: Uint8Array][] {
    return [...this.#entries]
      .map(([key, value]): [Uint8Array, Uint8Array] => [fromHex(key), value])
      .sort(([a], [b]) => compare(a, b));
  }

  /** Sum of all deposits. */
  deposits(): bigint {
    return this.sorted().reduce(
      (sum, [key, value]) => (String.fromCharCode(...key.subarray(0, 2)) === 'e/' ? sum + KvEntry.decode(value).deposit : sum),
      0n,
    );
  }
}
