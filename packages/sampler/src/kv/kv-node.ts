import { fromHex, PerigeeError } from '@perigee/wire';
import { openKvTier } from '#kv-tier';
import type { StoreOptions } from '../requests.ts';
import { KvCache } from './kv-cache.ts';
import { checkKey, KvReader } from './kv-reader.ts';
import type { KvStream } from './kv-stream.ts';
import type { KvTier } from './kv-tier.ts';
import { KvWatch, type KvWatchParts } from './kv-watch.ts';
import { PeerSource, type PeerSourceParts } from './peer-source.ts';
import { SubscriptionPlaces } from './subscription-places.ts';

export interface KvNodeOptions extends PeerSourceParts {
  /** Hexadecimal. */
  readonly genesisHash: string;
  /** `undefined`: values are kept in memory alone. */
  readonly store: StoreOptions | undefined;
  /** What the device does not do; reads go on without. */
  readonly onFault: (error: PerigeeError) => void;
}

/** Streams as a light node reads them: proved by peers, kept on this device, followed. */
export class KvNode {
  readonly #reader: KvReader;
  readonly #watching: KvWatchParts;
  readonly #cache: KvCache;

  private constructor(cache: KvCache, parts: PeerSourceParts) {
    const { follower, peers, clock, signal } = parts;
    const source = new PeerSource(parts);
    this.#cache = cache;
    this.#reader = new KvReader({ source, cache, clock });
    const places = new SubscriptionPlaces();
    this.#watching = { follower, source, cache, reader: this.#reader, places, peers, clock, signal };
  }

  /** A device that cannot be had is told by `onFault`, and done without. */
  static async open(options: KvNodeOptions): Promise<KvNode> {
    const { genesisHash, store, onFault } = options;
    let tier: KvTier | undefined;
    try {
      if (store !== undefined) tier = await openKvTier({ genesisHash, directory: store.directory });
    } catch (error) {
      onFault(PerigeeError.from(error));
    }
    return new KvNode(new KvCache({ genesisHash: fromHex(genesisHash), tier, onFault }), options);
  }

  /** @param id 32 bytes @throws INVALID_ARGUMENT */
  stream(id: Uint8Array): KvStream {
    return {
      ...this.#reader.stream(id),
      watch: (watched, listener, { since, onGap } = {}) => {
        const isPrefix = 'prefix' in watched;
        const key = isPrefix ? watched.prefix : watched.key;
        if (!isPrefix || key.length > 0) checkKey(key);
        return new KvWatch(this.#watching, { stream: id, watched: { key, isPrefix }, since, listener, onGap }).stop;
      },
    };
  }

  /** Waits for what is being written, and gives the device back. */
  close(): Promise<void> {
    return this.#cache.close();
  }
}
