import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runOnSmallDisk, smallDiskObstacle } from '../../../tests/kit/small-disk.ts';

const job = fileURLToPath(new URL('../../../dist/test/jobs/full-disk.job.js', import.meta.url));
it('a full disk is said, keeps no row from being served, and is over when there is room', (context) => {
  const obstacle = smallDiskObstacle();
  if (obstacle !== undefined) context.skip(obstacle);
  const { blobs, withoutABlock, ...result } = runOnSmallDisk(2, job);
  expect(blobs).toBeGreaterThan(10);
  expect(withoutABlock).toBe('STORE_FULL');
  expect(result).toEqual({
    whenFull: 'STORE_FULL',
    servedWhenFull: true,
    again: 'STORE_FULL',
    drop: 'none',
    servedWithoutABlock: true,
    keep: 'none',
    afterwards: 'none',
    servedAfterwards: true,
    servedAfterRestart: true,
    faults: [],
    told: ['STORE_FULL'],
    left: 1,
  });
});
