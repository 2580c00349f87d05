import { beforeAll, describe, expect, it } from 'vitest';
import { type Codec, PrimedCache, type RowCommitment } from '../src/index.ts';
import { loadCodec } from './load.ts';

const SHAPE = { k: 64, n: 192, rowSize: 64 };

let codec: Codec;
let made: RowCommitment;
let bytes: number;
beforeAll(async () => {
  codec = (await loadCodec('simd')) as Codec;
  made = codec.extendAndCommit({ ...SHAPE, original: new Uint8Array(SHAPE.k * SHAPE.rowSize) });
  const blob = codec.prime(made);
  bytes = blob.bytes;
  blob.free();
});

describe('primed blobs', () => {
  it('are kept as long as they fit, those used last', () => {
    const cache = new PrimedCache(3 * bytes);
    const blobs = ['a', 'b', 'c', 'd'].map((name) => ({ name, blob: codec.prime(made) }));
    for (const { name, blob } of blobs.slice(0, 3)) cache.add(name, blob);
    expect(cache.bytes).toBe(3 * bytes);
    expect(cache.get('a')).toBe(blobs[0]?.blob);
    cache.add('d', blobs[3]?.blob as (typeof blobs)[0]['blob']);
    expect(['a', 'b', 'c', 'd'].map((name) => cache.get(name) !== undefined)).toEqual([true, false, true, true]);
    expect(() => codec.verifyRows(blobs[1]?.blob as (typeof blobs)[0]['blob'], [])).toThrow(/freed/);
    expect(cache.bytes).toBe(3 * bytes);
    for (const { name } of blobs) cache.delete(name);
    expect(cache.bytes).toBe(0);
  });

  it('are at least one, however large it is, and one of a name', () => {
    const cache = new PrimedCache(1);
    const [first, second] = [codec.prime(made), codec.prime(made)];
    cache.add('a', first);
    expect(cache.get('a')).toBe(first);
    cache.add('a', second);
    expect(cache.get('a')).toBe(second);
    expect(cache.bytes).toBe(bytes);
    expect(() => codec.verifyRows(first, [])).toThrow(/freed/);
  });
});
