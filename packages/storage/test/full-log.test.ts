import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/index.ts';

const job = fileURLToPath(new URL('../../../dist/test/jobs/full-log.job.js', import.meta.url));
/** A file system of its own for one process, where the system lets a user have one. */
const MOUNT = 'mount -t tmpfs -o size=3m tmpfs "$1"';
const inside = (folder: string, then: string): string[] => [
  '-rm',
  'sh',
  '-c',
  `${MOUNT}${then}`,
  'sh',
  folder,
  process.execPath,
  job,
];

it('a full disk is said, makes no file finalized or lost, and is over when there is room', (context) => {
  const possible = spawnSync('unshare', inside(temporaryFolder('mount'), ''));
  if (possible.status !== 0) context.skip('this system lets no user mount a small file system');
  const output = execFileSync('unshare', inside(temporaryFolder('full'), ' && exec "$2" "$3" "$1"'), { encoding: 'utf8' });
  const [, json = '{}'] = /^READY (.*)$/m.exec(output) ?? [];
  const { files, ...result } = JSON.parse(json) as Record<string, unknown>;
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
