import { prefixBounds } from '@perigee/light-core/kv';
import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import {
  ABSENCE_PATIENCE_MS,
  CURRENT_WITHIN_MS,
  compare,
  type KvCached,
  type KvScan,
  MAX_KV_KEY_BYTES,
  MAX_KV_KEYS_PER_REQUEST,
  MAX_RANGE_KEYS,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import type { KvCache } from './kv-cache.ts';
import type { KvProof, KvSource } from './kv-source.ts';
import type { KvPolicy, KvRange, KvRangeOptions, KvReading, KvReadOptions, KvStream } from './kv-stream.ts';

/** How often it is looked whether a second peer has shown the head, milliseconds. */
const LOOK_AGAIN_MS = 20;

export interface KvReaderParts {
  readonly source: KvSource;
  readonly cache: KvCache;
  readonly clock: Clock;
}

/** A value as it was proved, and where it was found. */
interface Found {
  readonly cached: KvCached;
  readonly source: KvReading['source'];
  readonly proof?: KvProof;
}

/** A question under way, for one key. */
type Asked = Promise<Found & { readonly head: VerifiedHead }>;

/** Reads streams of a chain, each value verified when it was fetched, and kept. */
export class KvReader {
  readonly #parts: KvReaderParts;
  /** Questions under way, so that many who want one key ask once. */
  readonly #asked = new Map<string, Asked>();
  /** The highest head that two peers were found to have shown. */
  #confirmed = 0;

  constructor(parts: KvReaderParts) {
    this.#parts = parts;
  }

  /** @param stream 32 bytes @throws INVALID_ARGUMENT */
  stream(stream: Uint8Array): Omit<KvStream, 'watch'> {
    if (stream.length !== 32) throw new PerigeeError('INVALID_ARGUMENT', `a stream has 32 bytes, not ${stream.length}`);
    const one = async (scan: KvScan, signal: AbortSignal | undefined) => (await this.#scan(stream, scan, signal)).entries[0];
    return {
      get: async (key, options = {}) => (await this.#getMany(stream, [key], options))[0] as KvReading,
      getMany: (keys, options = {}) => this.#getMany(stream, keys, options),
      next: async (key, { inclusive = false, signal } = {}) =>
        one({ ...(key && { lower: { key, inclusive } }), reverse: false, limit: 1 }, signal),
      previous: async (key, { inclusive = false, signal } = {}) =>
        one({ ...(key && { upper: { key, inclusive } }), reverse: true, limit: 1 }, signal),
      range: async (options = {}) => this.#scan(stream, scanOf(options), options.signal),
      kept: async (limit) => (await this.#parts.cache.list(stream, limit)).map((found) => this.reading(found)),
    };
  }

  /** What was proved, as it is told. */
  reading({ cached: { key, entry, height, timeMs }, source, proof }: Found): KvReading {
    const ageMs = Math.max(0, this.#parts.clock.now() - timeMs);
    const { value, version, author } = entry ?? {};
    return { key, value, version, author, height, timeMs, ageMs, source, proof };
  }

  async #getMany(stream: Uint8Array, keys: readonly Uint8Array[], options: KvReadOptions): Promise<KvReading[]> {
    for (const key of keys) checkKey(key);
    const { height, policy, signal } = options;
    if (height === undefined) return this.#readMany(stream, keys, options);
    if (policy !== undefined) {
      throw new PerigeeError('INVALID_ARGUMENT', 'a value is read as it was at a height, or by a policy: name one of them');
    }
    // header 1 proves the state before the first block, which no server keeps
    if (!Number.isSafeInteger(height) || height < 2) {
      throw new PerigeeError('INVALID_ARGUMENT', `values are proved under headers from 2 on, not under ${height}`);
    }
    return this.#readAt(height, stream, keys, signal);
  }

  /** What was: not kept, because what is kept is the latest that is known. */
  async #readAt(
    height: number,
    stream: Uint8Array,
    keys: readonly Uint8Array[],
    signal: AbortSignal | undefined,
  ): Promise<KvReading[]> {
    const readings: KvReading[] = [];
    for (let at = 0; at < keys.length; at += MAX_KV_KEYS_PER_REQUEST) {
      const batch = keys.slice(at, at + MAX_KV_KEYS_PER_REQUEST);
      const { head, entries, proof } = await this.#parts.source.proveAt(height, stream, batch, signal);
      batch.forEach((key, i) => {
        const entry = entries[i];
        const cached: KvCached = { stream, key, height: head.height, timeMs: head.timeMs, ...(entry && { entry }) };
        readings.push(this.reading({ cached, source: 'network', proof }));
      });
    }
    return readings;
  }

  async #readMany(
    stream: Uint8Array,
    keys: readonly Uint8Array[],
    { policy = 'latest', signal }: KvReadOptions,
  ): Promise<KvReading[]> {
    const { cache, source } = this.#parts;
    const inMemory = keys.map((key): Found | undefined => {
      const cached = cache.peek(stream, key);
      return cached && { cached, source: 'memory' };
    });
    const isEnough = inMemory.every((found) => found !== undefined && this.#isFresh(found.cached, policy));
    const found = isEnough ? inMemory : await cache.find(stream, keys);
    // what is there may have been proved by somebody else while the device was asked
    const there = keys.map((key, i): Found | undefined => {
      const late = cache.peek(stream, key);
      return [found[i], late && { cached: late, source: 'memory' as const }].find(
        (one) => one !== undefined && this.#isFresh(one.cached, policy),
      );
    });
    const missing = keys.filter((_, i) => there[i] === undefined);
    const proved = missing.length === 0 ? [] : await Promise.all(this.#prove(stream, missing, signal));
    if (policy === 'latest') {
      const heads = new Set(proved.map(({ head }) => head));
      const now = source.head();
      if (now !== undefined && proved.length < keys.length) heads.add(now);
      for (const head of heads) await this.#untilCurrent(head, signal);
    }
    let next = 0;
    return there.map((one) => this.reading(one ?? (proved[next++] as Found)));
  }

  #isFresh({ height, timeMs }: KvCached, policy: KvPolicy): boolean {
    const { source, clock } = this.#parts;
    if (policy === 'cached') return true;
    const age = clock.now() - timeMs;
    if (policy !== 'latest') return age <= 1_000 * policy.withinSeconds;
    const head = source.head();
    // proved under the head of now: there is nothing newer to be proved
    return head !== undefined && height >= head.height && age <= CURRENT_WITHIN_MS;
  }

  /** Proves keys together, but for those that are being proved already under the head of now. */
  #prove(stream: Uint8Array, keys: readonly Uint8Array[], signal: AbortSignal | undefined): Asked[] {
    const height = this.#parts.source.head()?.height ?? 0;
    const named = keys.map((key) => ({ key, name: `${height}/${toHex(stream)}/${toHex(key)}` }));
    // one that can be called off is its caller's alone
    const isShared = signal === undefined;
    const fresh = named.filter(({ name }) => !isShared || !this.#asked.has(name));
    const mine = new Map<string, Asked>();
    for (let at = 0; at < fresh.length; at += MAX_KV_KEYS_PER_REQUEST) {
      const batch = fresh.slice(at, at + MAX_KV_KEYS_PER_REQUEST);
      const asking = this.#ask(
        stream,
        batch.map(({ key }) => key),
        signal,
      );
      batch.forEach(({ name }, i) => {
        const one = asking.then((all) => all[i] as Awaited<Asked>);
        mine.set(name, one);
        if (!isShared) return;
        this.#asked.set(name, one);
        one.finally(() => this.#asked.delete(name)).catch(() => {}); // whoever asked hears it
      });
    }
    return named.map(({ name }) => (mine.get(name) ?? this.#asked.get(name)) as Asked);
  }

  async #ask(stream: Uint8Array, keys: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<Awaited<Asked>[]> {
    const { source, cache } = this.#parts;
    const { head, entries, proof } = await source.prove(stream, keys, signal);
    return keys.map((key, i) => {
      const entry = entries[i];
      const cached: KvCached = { stream, key, height: head.height, timeMs: head.timeMs, ...(entry && { entry }) };
      cache.put(cached);
      return { cached, source: 'network', head, proof };
    });
  }

  async #scan(stream: Uint8Array, scan: KvScan, signal: AbortSignal | undefined): Promise<KvRange> {
    const { source, cache } = this.#parts;
    for (const bound of [scan.lower, scan.upper]) if (bound !== undefined) checkKey(bound.key);
    const { head, found, complete, proof } = await source.scan(stream, scan, signal);
    const { height, timeMs } = head;
    const entries = found.map(({ key, entry }) => {
      const cached: KvCached = { stream, key, height, timeMs, ...(entry && { entry }) };
      cache.put(cached);
      return this.reading({ cached, source: 'network', proof });
    });
    await this.#untilCurrent(head, signal);
    return { entries, complete, height, timeMs, proof };
  }

  /**
   * A head that one peer alone has shown is waited for a little: another tells of it in a moment.
   *
   * @throws UNPROVEN, ABORTED
   */
  async #untilCurrent(head: VerifiedHead, signal: AbortSignal | undefined): Promise<void> {
    const { source, clock } = this.#parts;
    const { height } = head;
    const startedAt = clock.now();
    for (;;) {
      const ageMs = clock.now() - head.timeMs;
      if (ageMs > CURRENT_WITHIN_MS) {
        const words = `the last verified header, ${height}, is ${Math.round(ageMs / 1_000)} s old: what it proves may have changed; connect to a peer, or ask for what is cached`;
        throw new PerigeeError('UNPROVEN', words, { data: { height, ageMs } });
      }
      if (height > this.#confirmed && source.isCurrent(head)) this.#confirmed = height;
      if (height <= this.#confirmed) return;
      if (clock.now() - startedAt >= ABSENCE_PATIENCE_MS) {
        const words = `only one peer shows header ${height}, so it is not known to be the latest; connect to another, or ask for what is cached`;
        throw new PerigeeError('UNPROVEN', words, { data: { height, ageMs } });
      }
      await clock.sleep(LOOK_AGAIN_MS, signal);
    }
  }
}

/** @throws INVALID_ARGUMENT */
export function checkKey(key: Uint8Array): void {
  if (key.length >= 1 && key.length <= MAX_KV_KEY_BYTES) return;
  throw new PerigeeError('INVALID_ARGUMENT', `a key has 1 to ${MAX_KV_KEY_BYTES} bytes, not ${key.length}`);
}

function scanOf({ prefix, from, after, below, reverse = false, limit = MAX_RANGE_KEYS }: KvRangeOptions): KvScan {
  const within = prefixBounds(prefix ?? new Uint8Array(0));
  const lower = [within.lower, from && { key: from, inclusive: true }, after && { key: after, inclusive: false }]
    .filter((bound) => bound !== undefined)
    .reduce<KvScan['lower']>((high, bound) => (high === undefined || isAbove(bound, high) ? bound : high), undefined);
  const upper = [within.upper, below && { key: below, inclusive: false }]
    .filter((bound) => bound !== undefined)
    .reduce<KvScan['upper']>((low, bound) => (low === undefined || compare(bound.key, low.key) < 0 ? bound : low), undefined);
  return { ...(lower && { lower }), ...(upper && { upper }), reverse, limit };
}

/** Of two lower bounds the narrower one. */
function isAbove(a: NonNullable<KvScan['lower']>, b: NonNullable<KvScan['lower']>): boolean {
  const order = compare(a.key, b.key);
  return order > 0 || (order === 0 && !a.inclusive);
}
