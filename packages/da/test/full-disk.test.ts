import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/index.ts';

const job = fileURLToPath(new URL('../../../dist/test/jobs/full-disk.job.js', import.meta.url));
/** A file system of its own for one process, where the system lets a user have one. */
const MOUNT = 'mount -t tmpfs -o size=2m tmpfs "$1" && exec "$2" "$3" "$1"';
const inside = (folder: string, program: string): string[] => ['-rm', 'sh', '-c', MOUNT, 'sh', folder, process.execPath, program];

it('a full disk is said, keeps no row from being served, and is over when there is room', (context) => {
  const possible = spawnSync('unshare', [
    '-rm',
    'sh',
    '-c',
    'mount -t tmpfs -o size=2m tmpfs "$1"',
    'sh',
    temporaryFolder('mount'),
  ]);
  if (possible.status !== 0) context.skip('this system lets no user mount a small file system');
  const output = execFileSync('unshare', inside(temporaryFolder('full'), job), { encoding: 'utf8' });
  const [, json = '{}'] = /^READY (.*)$/m.exec(output) ?? [];
  const { blobs, withoutABlock, ...result } = JSON.parse(json) as Record<string, unknown>;
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
