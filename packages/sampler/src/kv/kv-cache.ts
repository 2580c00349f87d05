/** Values of streams that were proved once, kept in memory and on this device with the header that proved them. */
import {
  concat,
  equal,
  fromHex,
  KV_CACHE_MEMORY_BYTES,
  KV_CACHE_STORE_BYTES,
  KvCached,
  MAX_KV_CACHE_WRITES,
  PerigeeError,
  toHex,
  u8,
  utf8,
} from '@perigee/wire';
import type { KvTier } from './kv-tier.ts';
import { Lru } from './lru.ts';

/** Version of the form on the device. */
const FORMAT = 0;
const MAC_BYTES = 32;
const DOMAIN = /* @__PURE__ */ utf8('perigee/kv-cache/v0');
/** Of an entry in memory, besides its key and value. */
const ENTRY_OVERHEAD = 256;
/** Share of the budget that is left when something had to go: not each further entry then makes one go. */
const LEFT_AFTER_EVICTION = 0.9;

export interface KvCacheOptions {
  readonly genesisHash: Uint8Array;
  /** Left out: memory alone. */
  readonly tier?: KvTier | undefined;
  readonly memoryBytes?: number;
  readonly storeBytes?: number;
  /** Told of what the device does not do: it is a cache, and goes on without. */
  readonly onFault?: (error: PerigeeError) => void;
}

export interface Found {
  readonly cached: KvCached;
  readonly source: 'memory' | 'device';
}

export class KvCache {
  readonly #options: KvCacheOptions;
  readonly #memory = new Lru<KvCached>();
  #memoryBytes = 0;
  /** Bytes of each entry on the device, by name; the one used last is at the end. */
  readonly #stored = new Map<string, number>();
  #storedBytes = 0;
  readonly #waiting = new Map<string, Uint8Array | undefined>();
  #writing: Promise<void> | undefined;
  readonly #key: Promise<CryptoKey> | undefined;
  /** Done when it is known what lies on the device. */
  readonly #opened: Promise<void>;

  constructor(options: KvCacheOptions) {
    this.#options = options;
    this.#key = options.tier?.profileKey();
    this.#key?.catch((error) => this.#fault(error));
    this.#opened = this.#look();
    // another tab had the turn to write: what it has left is looked at when the turn comes here
    if (options.tier?.isWriter === false) void options.tier.becomesWriter.then(() => this.#look());
  }

  /** Bytes in memory. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** What is in memory, without a wait. */
  peek(stream: Uint8Array, key: Uint8Array): KvCached | undefined {
    return this.#memory.use(nameOf(stream, key));
  }

  /** What is kept of several keys, in their order. What this profile did not write, or not here, is none. */
  async find(stream: Uint8Array, keys: readonly Uint8Array[]): Promise<(Found | undefined)[]> {
    const found = keys.map((key): Found | undefined => {
      const cached = this.peek(stream, key);
      return cached && { cached, source: 'memory' };
    });
    const { tier } = this.#options;
    const missing = keys.flatMap((key, i) => (found[i] === undefined ? [{ i, key, name: nameOf(stream, key) }] : []));
    if (tier === undefined || missing.length === 0) return found;
    let sealed: readonly (Uint8Array | undefined)[];
    try {
      sealed = await tier.getMany(missing.map(({ name }) => name));
    } catch (error) {
      this.#fault(error);
      return found;
    }
    await Promise.all(
      missing.map(async ({ i, key, name }, at) => {
        const cached = await this.#unseal(sealed[at], stream, key);
        if (cached === undefined) {
          // altered, of another profile, or put in another place: it must not be looked at again
          if (sealed[at] !== undefined) this.#change(name, undefined);
          return;
        }
        this.#remember(name, cached);
        found[i] = { cached, source: 'device' };
      }),
    );
    return found;
  }

  /** What is kept of a stream, ascending by key. */
  async list(stream: Uint8Array, limit: number): Promise<Found[]> {
    await this.#opened;
    const prefix = `${toHex(stream)}/`;
    const names = new Set([...this.#memory.names(), ...this.#stored.keys()].filter((name) => name.startsWith(prefix)));
    const keys = [...names]
      .sort()
      .slice(0, limit)
      .map((name) => fromHex(name.slice(prefix.length)));
    return (await this.find(stream, keys)).filter((found) => found !== undefined);
  }

  /** Keep what was proved, unless something later is there. It is on the device when `flush` is done. */
  put(cached: KvCached): void {
    const name = nameOf(cached.stream, cached.key);
    if ((this.#memory.peek(name)?.height ?? -1) > cached.height) return;
    this.#remember(name, cached);
    if (this.#options.tier === undefined) return;
    void this.#seal(cached)
      .then((sealed) => this.#change(name, sealed))
      .catch((error) => this.#fault(error));
  }

  /** Resolves when nothing waits to be written. */
  async flush(): Promise<void> {
    await this.#opened;
    // what is being sealed gets its turn
    await this.#seals;
    while (this.#writing !== undefined) await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#options.tier?.close();
  }

  #seals: Promise<unknown> = Promise.resolve();

  async #look(): Promise<void> {
    this.#stored.clear();
    this.#storedBytes = 0;
    try {
      for (const [name, bytes] of (await this.#options.tier?.sizes()) ?? []) this.#count(name, bytes);
    } catch (error) {
      this.#fault(error);
    }
  }

  #remember(name: string, cached: KvCached): void {
    const { memoryBytes = KV_CACHE_MEMORY_BYTES } = this.#options;
    const before = this.#memory.peek(name);
    if (before !== undefined) this.#memoryBytes -= bytesOf(before);
    this.#memory.set(name, cached);
    this.#memoryBytes += bytesOf(cached);
    while (this.#memoryBytes > memoryBytes) {
      const oldest = this.#memory.shift();
      if (oldest === undefined) break;
      this.#memoryBytes -= bytesOf(oldest);
    }
  }

  #count(name: string, bytes: number): void {
    this.#storedBytes += bytes - (this.#stored.get(name) ?? 0);
    this.#stored.delete(name);
    if (bytes > 0) this.#stored.set(name, bytes);
  }

  /** Write-behind: what comes while the device writes is written together. */
  #change(name: string, value: Uint8Array | undefined): void {
    if (this.#options.tier?.isWriter !== true) return;
    if (this.#waiting.size >= MAX_KV_CACHE_WRITES && !this.#waiting.has(name)) return;
    this.#waiting.set(name, value);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    const { tier, storeBytes = KV_CACHE_STORE_BYTES } = this.#options;
    await this.#opened;
    while (tier !== undefined && this.#waiting.size > 0) {
      const changes = new Map(this.#waiting);
      this.#waiting.clear();
      for (const [name, value] of changes) this.#count(name, value?.length ?? 0);
      if (this.#storedBytes > storeBytes) this.#evict(changes, storeBytes * LEFT_AFTER_EVICTION);
      try {
        await tier.write(changes);
      } catch (error) {
        this.#fault(error);
        if (PerigeeError.from(error).code !== 'STORE_FULL') continue;
        // room is made by deleting, which needs none; what was to be written is proved again another time
        const gone = new Map<string, Uint8Array | undefined>([...changes.keys()].map((name) => [name, undefined]));
        for (const name of changes.keys()) this.#count(name, 0);
        this.#evict(gone, this.#storedBytes / 2);
        await tier.write(gone).catch((again: unknown) => this.#fault(again));
      }
    }
  }

  /** Deletes what was written longest ago, until so many bytes are left. */
  #evict(changes: Map<string, Uint8Array | undefined>, left: number): void {
    for (const name of [...this.#stored.keys()]) {
      if (this.#storedBytes <= left) return;
      this.#count(name, 0);
      changes.set(name, undefined);
    }
  }

  #seal(cached: KvCached): Promise<Uint8Array> {
    const payload = KvCached.encode(cached);
    const sealing = (async () => {
      const mac = await crypto.subtle.sign('HMAC', await this.#profileKey(), this.#macInput(payload));
      return concat(u8(FORMAT), new Uint8Array(mac), payload);
    })();
    this.#seals = Promise.all([this.#seals, sealing.catch(() => {})]);
    return sealing;
  }

  async #unseal(sealed: Uint8Array | undefined, stream: Uint8Array, key: Uint8Array): Promise<KvCached | undefined> {
    if (sealed === undefined || sealed.length <= 1 + MAC_BYTES || sealed[0] !== FORMAT) return undefined;
    try {
      const payload = sealed.subarray(1 + MAC_BYTES);
      const mac = Uint8Array.from(sealed.subarray(1, 1 + MAC_BYTES));
      if (!(await crypto.subtle.verify('HMAC', await this.#profileKey(), mac, this.#macInput(payload)))) return undefined;
      // written by this profile, so it is in the one form: another look at that would take as long as the check
      const cached = KvCached.decode(payload);
      return equal(cached.stream, stream) && equal(cached.key, key) ? cached : undefined;
    } catch (error) {
      if (!(error instanceof PerigeeError)) this.#fault(error);
      return undefined;
    }
  }

  async #profileKey(): Promise<CryptoKey> {
    if (this.#key === undefined) throw new PerigeeError('INTERNAL', 'a cache without a device seals nothing');
    return this.#key;
  }

  #macInput(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    const { genesisHash } = this.#options;
    const input = new Uint8Array(DOMAIN.length + genesisHash.length + payload.length);
    input.set(DOMAIN);
    input.set(genesisHash, DOMAIN.length);
    input.set(payload, DOMAIN.length + genesisHash.length);
    return input;
  }

  #fault(error: unknown): void {
    this.#options.onFault?.(PerigeeError.from(error));
  }
}

function nameOf(stream: Uint8Array, key: Uint8Array): string {
  return `${toHex(stream)}/${toHex(key)}`;
}

function bytesOf({ key, entry }: KvCached): number {
  return ENTRY_OVERHEAD + key.length + (entry?.value.length ?? 0);
}
