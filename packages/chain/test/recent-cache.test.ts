import { describe, expect, it } from 'vitest';
import { RecentCache } from '../src/recent-cache.ts';

const keptOf = <V>(cache: RecentCache<V>, keys: readonly string[]) => keys.filter((key) => cache.get(key) !== undefined);

describe('what was used last', () => {
  it('stays: at least so many, at most twice as many', () => {
    const cache = new RecentCache<number>(3);
    const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
    for (const [i, key] of keys.entries()) cache.set(key, i);
    expect(keys.slice(-3).map((key) => cache.get(key))).toEqual([17, 18, 19]);
    expect(keptOf(cache, keys).length).toBeLessThanOrEqual(6);
  });

  it('stays by weight, where that is less', () => {
    const cache = new RecentCache<Uint8Array>(1_000, { enough: 100, of: ({ length }) => length });
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
    for (const key of keys) cache.set(key, new Uint8Array(30));
    expect(cache.get('k49')).toBeDefined();
    expect(keys.filter((key) => cache.get(key) !== undefined).length * 30).toBeLessThanOrEqual(2 * 130);
    cache.clear();
    expect(keptOf(cache, keys)).toEqual([]);
  });
});
