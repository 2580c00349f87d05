/** What holds for a cache of streams wherever its entries lie. */
import type { Clock, VerifiedHead } from '@perigee/light-core/roles';
import { CURRENT_WITHIN_MS, concat, KvCached, type KvEntry, type PerigeeError, toHex, u8, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import {
  KvCache,
  KvReader,
  type KvSource,
  type KvTier,
  type OpenKvTierOptions,
  type ProvedKeys,
  type ProvedScan,
} from '../../src/kv/index.ts';

const NOW = 1_795_420_800_000;
const GENESIS = new Uint8Array(32).fill(7);
const STREAM = new Uint8Array(32).fill(0xf2);
const OTHER = new Uint8Array(32).fill(0xf3);
const key = utf8('key');
const PROOF = { bytes: 1_000, verifyMs: 0.1 };
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

/** A source whose heads the test makes, and whose values it sets; it counts what it is asked. That values are proved is tested with a light node. */
class State implements KvSource, Clock {
  questions = 0;
  #now = NOW;
  #head: VerifiedHead | undefined;
  readonly #values = new Map<string, KvEntry>();
  offline = false;
  isConfirmed = true;

  constructor() {
    this.makeHead();
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }

  makeHead(): void {
    const height = (this.#head?.height ?? 0) + 1;
    this.#head = { height, headerHash: new Uint8Array(32), chainId: 'test', timeMs: this.#now, appHash: new Uint8Array(32) };
  }

  set(stream: Uint8Array, name: Uint8Array, value: string, version = 1): void {
    const entry = { version, author: new Uint8Array(20), deposit: 0n, value: utf8(value) };
    this.#values.set(`${toHex(stream)}/${toHex(name)}`, entry);
  }

  head(): VerifiedHead | undefined {
    return this.#head;
  }

  isCurrent(head: VerifiedHead): boolean {
    return this.isConfirmed && this.#now - head.timeMs <= CURRENT_WITHIN_MS;
  }

  async prove(stream: Uint8Array, keys: readonly Uint8Array[]): Promise<ProvedKeys> {
    this.questions += 1;
    if (this.offline || this.#head === undefined) throw new Error('offline');
    const entries = keys.map((name) => this.#values.get(`${toHex(stream)}/${toHex(name)}`));
    return { head: this.#head, entries, proof: PROOF };
  }

  async proveAt(): Promise<ProvedKeys> {
    throw new Error('nobody looks back here');
  }

  async scan(): Promise<ProvedScan> {
    throw new Error('nobody scans here');
  }
}

interface Begun {
  readonly state: State;
  readonly cache: KvCache;
  readonly tier: KvTier;
  readonly faults: PerigeeError[];
  readonly stream: ReturnType<KvReader['stream']>;
}

export function kvCacheSuite(
  openTier: (options: OpenKvTierOptions) => Promise<KvTier>,
  newProfile: () => string | undefined,
): void {
  let chains = 0;
  const newChain = (): string => toHex(new Uint8Array(32).fill(++chains));

  async function begin(given: { tier?: KvTier; state?: State; memoryBytes?: number; storeBytes?: number } = {}): Promise<Begun> {
    const { state = new State(), tier = await openTier({ genesisHash: newChain(), directory: newProfile() }), ...sizes } = given;
    const faults: PerigeeError[] = [];
    const cache = new KvCache({ genesisHash: GENESIS, tier, onFault: (error) => void faults.push(error), ...sizes });
    const stream = new KvReader({ source: state, cache, clock: state }).stream(STREAM);
    return { state, cache, tier, faults, stream };
  }

  /** The same device, and nothing in memory. */
  const again = (begun: Begun, more = {}): Promise<Begun> => begin({ tier: begun.tier, state: begun.state, ...more });
  const nameOf = (stream: Uint8Array, name: Uint8Array): string => `${toHex(stream)}/${toHex(name)}`;

  describe('a value', () => {
    it('comes from the network once, then from memory, and after a restart from the device', async () => {
      const first = await begin();
      first.state.set(STREAM, key, 'one', 3);
      const read = await first.stream.get(key);
      expect(read).toEqual({
        key,
        value: utf8('one'),
        version: 3,
        author: new Uint8Array(20),
        height: 1,
        timeMs: NOW,
        ageMs: 0,
        source: 'network',
        proof: PROOF,
      });
      expect(await first.stream.get(key)).toMatchObject({ source: 'memory', version: 3 });
      expect(first.state.questions).toBe(1);
      await first.cache.flush();
      const second = await again(first);
      expect(await second.stream.get(key)).toMatchObject({ source: 'device', value: utf8('one'), height: 1 });
      expect(await second.stream.get(key)).toMatchObject({ source: 'memory' });
      expect(first.state.questions).toBe(1);
      expect([...first.faults, ...second.faults]).toEqual([]);
    });

    it('is as fresh as was asked for', async () => {
      const { state, stream } = await begin();
      state.set(STREAM, key, 'one');
      await stream.get(key);
      state.set(STREAM, key, 'two', 2);
      await state.sleep(4_000);
      state.makeHead();
      expect(await stream.get(key, { policy: 'cached' })).toMatchObject({ value: utf8('one'), ageMs: 4_000, source: 'memory' });
      expect(await stream.get(key, { policy: { withinSeconds: 4 } })).toMatchObject({ value: utf8('one') });
      expect(state.questions).toBe(1);
      expect(await stream.get(key, { policy: { withinSeconds: 3 } })).toMatchObject({ value: utf8('two'), source: 'network' });
      state.set(STREAM, key, 'three', 3);
      state.makeHead();
      expect(await stream.get(key)).toMatchObject({ value: utf8('three'), source: 'network' });
    });

    it('that is to be the latest is refused in words while no header is current, and the cached one is told with its age', async () => {
      const { state, stream } = await begin();
      state.set(STREAM, key, 'one');
      await stream.get(key);
      await state.sleep(CURRENT_WITHIN_MS + 5_000);
      await expect(stream.get(key)).rejects.toMatchObject({ code: 'UNPROVEN', message: expect.stringContaining('35 s old') });
      state.offline = true;
      expect(await stream.get(key, { policy: 'cached' })).toMatchObject({ value: utf8('one'), ageMs: 35_000 });
      await expect(stream.get(utf8('never seen'), { policy: 'cached' })).rejects.toThrow();
      state.offline = false;
      state.makeHead();
      expect(await stream.get(key)).toMatchObject({ value: utf8('one'), ageMs: 0, source: 'network' });
    });

    it('that is to be the latest is refused while one peer alone shows the header', async () => {
      const { state, stream } = await begin();
      state.set(STREAM, key, 'one');
      state.isConfirmed = false;
      await expect(stream.get(key)).rejects.toMatchObject({
        code: 'UNPROVEN',
        message: expect.stringContaining('only one peer'),
      });
      expect(await stream.get(key, { policy: { withinSeconds: 10 } })).toMatchObject({ value: utf8('one'), source: 'memory' });
      state.isConfirmed = true;
      expect(await stream.get(key)).toMatchObject({ value: utf8('one') });
    });

    it('that is absent is kept as absent, and many who ask for one key ask once', async () => {
      const begun = await begin();
      const both = await Promise.all([begun.stream.get(key), begun.stream.get(key), begun.stream.get(key)]);
      expect(both.map(({ value }) => value)).toEqual([undefined, undefined, undefined]);
      expect(begun.state.questions).toBe(1);
      await begun.cache.flush();
      expect(await (await again(begun)).stream.get(key)).toMatchObject({
        value: undefined,
        version: undefined,
        source: 'device',
      });
    });

    it('is one of several that are read together, each from where it is', async () => {
      const first = await begin();
      const names = ['a', 'b', 'c', '__proto__'].map(utf8);
      names.forEach((name, i) => void first.state.set(STREAM, name, `value ${i}`));
      await first.stream.getMany(names.slice(0, 2));
      await first.cache.flush();
      const second = await again(first);
      await second.stream.get(names[0] as Uint8Array);
      const all = await second.stream.getMany(names);
      expect(all.map(({ value, source }) => [text(value), source])).toEqual([
        ['value 0', 'memory'],
        ['value 1', 'device'],
        ['value 2', 'network'],
        ['value 3', 'network'],
      ]);
    });

    it('has a key and a stream of the right length', async () => {
      const { stream, cache, state } = await begin();
      for (const wrong of [new Uint8Array(0), new Uint8Array(1_025)]) {
        await expect(stream.get(wrong)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      }
      expect(() => new KvReader({ source: state, cache, clock: state }).stream(key)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    });
  });

  describe('what lies on the device', () => {
    it('is never served when it was altered, put elsewhere, or written by another profile', async () => {
      const begun = await begin();
      const { tier, state, stream, cache } = begun;
      const other = utf8('other');
      state.set(STREAM, key, 'right');
      state.set(STREAM, other, 'of another key');
      await stream.getMany([key, other]);
      await cache.flush();
      const [name, otherName] = [nameOf(STREAM, key), nameOf(STREAM, other)];
      const [mine, theirs] = (await tier.getMany([name, otherName])) as [Uint8Array, Uint8Array];
      const payload = KvCached.decodeCanonical(mine.subarray(33));
      const entry = payload.entry as KvEntry;
      const foreign = await crypto.subtle.importKey('raw', new Uint8Array(32), { name: 'HMAC', hash: 'SHA-256' }, false, [
        'sign',
      ]);
      const resealed = async (cached: KvCached) => {
        const bytes = KvCached.encode(cached);
        const mac = await crypto.subtle.sign(
          'HMAC',
          foreign,
          Uint8Array.from(concat(utf8('perigee/kv-cache/v0'), GENESIS, bytes)),
        );
        return concat(u8(0), new Uint8Array(mac), bytes);
      };
      const flipped = (at: number) => {
        const bytes = Uint8Array.from(mine);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return bytes;
      };
      const wrong: [string, Uint8Array][] = [
        ['value', flipped(mine.length - 1)],
        ['value with a recomputed hash', await resealed({ ...payload, entry: { ...entry, value: utf8('wrong') } })],
        ['height', concat(mine.subarray(0, 33), KvCached.encode({ ...payload, height: 99 }))],
        ['proof of who wrote it', flipped(5)],
        ['format', flipped(0)],
        ['another entry in its place', theirs],
        ['cut off', mine.subarray(0, 20)],
        ['nothing', new Uint8Array(1)],
      ];
      for (const [what, bytes] of wrong) {
        await tier.write(new Map([[name, bytes]]));
        const asked = state.questions;
        const fresh = await again(begun);
        expect(await fresh.stream.get(key, { policy: 'cached' }), what).toMatchObject({
          value: utf8('right'),
          source: 'network',
        });
        expect(state.questions, what).toBe(asked + 1);
        await fresh.cache.flush();
        expect(await (await again(begun)).stream.get(key, { policy: 'cached' }), what).toMatchObject({ source: 'device' });
      }
      // of another chain
      await tier.write(new Map([[name, mine]]));
      const elsewhere = new KvCache({ genesisHash: new Uint8Array(32).fill(8), tier });
      expect(await elsewhere.find(STREAM, [key])).toEqual([undefined]);
      // two entries swapped
      await tier.write(
        new Map([
          [name, theirs],
          [otherName, mine],
        ]),
      );
      expect(await (await again(begun)).cache.find(STREAM, [key, other])).toEqual([undefined, undefined]);
      expect(await cache.find(OTHER, [key])).toEqual([undefined]);
    });

    it('stays within its bytes, and what is read again stays longest in memory', async () => {
      const value = 'x'.repeat(1_000);
      const begun = await begin({ memoryBytes: 10_000, storeBytes: 20_000 });
      const names = Array.from({ length: 50 }, (_, i) => utf8(`key ${i}`));
      for (const name of names) {
        begun.state.set(STREAM, name, value);
        await begun.stream.get(name);
        begun.cache.peek(STREAM, names[0] as Uint8Array);
      }
      await begun.cache.flush();
      expect(begun.cache.memoryBytes).toBeLessThanOrEqual(10_000);
      expect(begun.cache.peek(STREAM, names[0] as Uint8Array)).toBeDefined();
      expect(begun.cache.peek(STREAM, names[1] as Uint8Array)).toBeUndefined();
      const bytes = (await begun.tier.sizes()).reduce((sum, [, size]) => sum + size, 0);
      expect(bytes).toBeLessThanOrEqual(20_000);
      expect(bytes).toBeGreaterThan(10_000);
      // also what was there before
      const smaller = await again(begun, { storeBytes: 5_000 });
      smaller.state.set(STREAM, key, value);
      await smaller.stream.get(key);
      await smaller.cache.flush();
      expect((await begun.tier.sizes()).reduce((sum, [, size]) => sum + size, 0)).toBeLessThanOrEqual(5_000);
    });

    it('may be full, or fail: then it is told, something goes, and reads go on', async () => {
      const begun = await begin();
      begun.state.set(STREAM, key, 'one');
      await begun.stream.get(key);
      await begun.cache.flush();
      let full = true;
      const tier: KvTier = {
        ...begun.tier,
        isWriter: true,
        becomesWriter: Promise.resolve(),
        getMany: async () => {
          throw new DOMException('broken', 'UnknownError');
        },
        sizes: () => begun.tier.sizes(),
        profileKey: () => begun.tier.profileKey(),
        write: async (changes) => {
          if (full && [...changes.values()].some((value) => value !== undefined))
            throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
          await begun.tier.write(changes);
        },
      };
      const second = await again({ ...begun, tier });
      second.state.set(STREAM, utf8('two'), 'two');
      expect(await second.stream.get(utf8('two'))).toMatchObject({ source: 'network' });
      await second.cache.flush();
      expect(second.faults.length).toBeGreaterThan(0);
      full = false;
      second.state.makeHead();
      expect(await second.stream.get(utf8('two'))).toMatchObject({ source: 'network' });
      await second.cache.flush();
      expect((await begun.tier.sizes()).map(([name]) => name)).toContain(nameOf(STREAM, utf8('two')));
    });

    it('can be listed, ascending, of one stream alone', async () => {
      const first = await begin();
      const names = ['b', 'a', 'c'].map(utf8);
      for (const name of names) first.state.set(STREAM, name, `of ${text(name)}`);
      await first.stream.getMany(names);
      first.cache.put({ stream: OTHER, key, height: 1, timeMs: NOW });
      await first.cache.flush();
      const second = await again(first);
      second.state.offline = true;
      const kept = await second.stream.kept(10);
      expect(kept.map((one) => [text(one.key), text(one.value), one.source])).toEqual([
        ['a', 'of a', 'device'],
        ['b', 'of b', 'device'],
        ['c', 'of c', 'device'],
      ]);
      expect(await second.stream.kept(2)).toHaveLength(2);
    });

    it('keeps the later of two proofs', async () => {
      const { cache } = await begin();
      const entry = (value: string) => ({ version: 1, author: new Uint8Array(20), deposit: 0n, value: utf8(value) });
      cache.put({ stream: STREAM, key, height: 9, timeMs: NOW, entry: entry('later') });
      cache.put({ stream: STREAM, key, height: 8, timeMs: NOW, entry: entry('earlier') });
      await cache.flush();
      expect(cache.peek(STREAM, key)?.height).toBe(9);
    });
  });
}
