import { FOLLOWED_BLOCKS, MAX_QUEUED_BLOBS } from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { randomOf } from '../../../tests/kit/random.ts';
import { BlobQueue } from '../src/blob/blob-queue.ts';

const queue = () => new BlobQueue(randomOf(onTestFailed).bytes);

describe('what is sampled next', () => {
  it('is the newest of what came while we watch', () => {
    const blobs = queue();
    blobs.add(9, ['old'], 10);
    blobs.add(10, ['a'], 11);
    blobs.add(11, ['b'], 12);
    expect([1, 2, 3, 4].map(() => blobs.take(true))).toEqual(['b', 'a', 'old', undefined]);
  });

  it('is drawn from what was there before', () => {
    const first = new Set<string | undefined>();
    for (let i = 0; i < 200; i++) {
      const blobs = queue();
      for (let height = 1; height <= 4; height++) blobs.add(height, [`blob ${height}`], 10);
      first.add(blobs.take(true));
    }
    expect(first.size).toBe(4);
  });

  it('is nothing old where only news is wanted', () => {
    const blobs = queue();
    blobs.add(5, ['old'], 10);
    expect(blobs.take(false)).toBeUndefined();
    blobs.add(10, ['new'], 11);
    expect(blobs.take(false)).toBe('new');
  });

  it('is never what is too old, sampled already, or more than may wait', () => {
    const blobs = queue();
    blobs.add(1, ['a', 'b'], 2);
    blobs.delete('a');
    blobs.prune(FOLLOWED_BLOCKS + 1);
    expect(blobs.size).toBe(1);
    blobs.prune(FOLLOWED_BLOCKS + 2);
    expect(blobs.size).toBe(0);
    const many = Array.from({ length: MAX_QUEUED_BLOBS + 10 }, (_, i) => `${i}`);
    blobs.add(200, many, 201);
    blobs.add(201, ['newest'], 202);
    expect([blobs.size, blobs.take(true)]).toEqual([MAX_QUEUED_BLOBS, 'newest']);
  });
});
