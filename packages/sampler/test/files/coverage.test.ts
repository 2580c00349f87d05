import { holdsSegment, type Shard } from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, FILE_SEGMENT_CHUNKS } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileCoverage } from '../../src/files/put/coverage.ts';

const shards = (...words: string[]): { shard: Shard }[] =>
  words.map((word) => {
    const [shardId = 0, numShard = 1] = word.split('/').map(Number);
    return { shard: { shardId, numShard } };
  });
const chosen = (coverage: FileCoverage, words: string[], replicas = 1): string[] | undefined =>
  coverage.choose(shards(...words), replicas)?.map(({ shard }) => `${shard.shardId}/${shard.numShard}`);

describe('nodes for a file', () => {
  const long = new FileCoverage({ startSector: 0, length: 100 * FILE_SEGMENT_BYTES });
  const short = new FileCoverage({ startSector: 2 * FILE_SEGMENT_CHUNKS, length: 10 });

  it('are as few as are enough, the first ones where there is a choice', () => {
    expect(chosen(long, ['0/2', '0/1', '1/2'])).toEqual(['0/1']);
    expect(chosen(long, ['0/1', '0/2', '1/2'])).toEqual(['0/1']);
    expect(chosen(long, ['0/2', '1/4', '1/2', '3/4'], 1)).toEqual(['0/2', '1/2']);
    expect(chosen(long, ['0/2', '0/2', '1/2'])).toEqual(['0/2', '1/2']);
    expect(chosen(long, ['0/1', '0/1'], 2)).toEqual(['0/1', '0/1']);
    expect(chosen(long, ['0/2', '1/4'])).toBeUndefined();
    expect(chosen(long, ['0/1'], 2)).toBeUndefined();
  });

  it('of a short file are those that its segments are of', () => {
    expect(chosen(short, ['0/4', '1/4', '2/4'])).toEqual(['2/4']);
    expect(chosen(short, ['0/4', '1/4', '3/4'])).toBeUndefined();
    expect(short.touches({ shardId: 3, numShard: 4 })).toBe(false);
  });

  it('have every segment so often, whatever there is', () => {
    const shard = fc
      .integer({ min: 0, max: 3 })
      .chain((log) => fc.integer({ min: 0, max: 2 ** log - 1 }).map((shardId) => ({ shard: { shardId, numShard: 2 ** log } })));
    fc.assert(
      fc.property(
        fc.array(shard, { maxLength: 10 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 20 }),
        (nodes, replicas, start, segments) => {
          const file = { startSector: start * FILE_SEGMENT_CHUNKS, length: segments * FILE_SEGMENT_BYTES };
          const found = new FileCoverage(file).choose(nodes, replicas);
          const times = (some: readonly { readonly shard: Shard }[], index: number): number =>
            some.filter((one) => holdsSegment(one.shard, file.startSector, index)).length;
          const indices = Array.from({ length: segments }, (_, index) => index);
          if (found === undefined) expect(indices.some((index) => times(nodes, index) < replicas)).toBe(true);
          else {
            for (const index of indices) expect(times(found, index)).toBeGreaterThanOrEqual(replicas);
            for (const one of found) {
              const others = found.filter((other) => other !== one);
              expect(indices.some((index) => times(others, index) < replicas)).toBe(true);
            }
          }
        },
      ),
    );
  });
});
