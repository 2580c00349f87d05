import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runOnSmallDisk, smallDiskObstacle } from '../../../tests/kit/small-disk.ts';

const job = fileURLToPath(new URL('../../../dist/test/jobs/full-log.job.js', import.meta.url));
it('a full disk is said, makes no file finalized or lost, and is over when there is room', (context) => {
  const obstacle = smallDiskObstacle();
  if (obstacle !== undefined) context.skip(obstacle);
  const { files, ...result } = runOnSmallDisk(3, job);
  expect(files).toBeGreaterThan(10);
  expect(result).toEqual({
    whenFull: 'STORE_FULL',
    servedWhenFull: true,
    finalizedWhenFull: false,
    again: 'STORE_FULL',
    withoutABlock: 'STORE_FULL',
    servedWithoutABlock: true,
    afterwards: 'none',
    advance: 'none',
    servedAfterwards: true,
    servedAfterRestart: true,
    nextIsNext: true,
    faults: [],
  });
});
