/** A file system of a few MiB for one process, where the system lets a user have one, and a way to fill it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { temporaryFolder } from './folder.ts';

const inside = (mib: number, program: string, job: string): string[] => [
  '-rm',
  'sh',
  '-c',
  `mount -t tmpfs -o size=${mib}m tmpfs "$1" && exec "$2" "$3" "$1"`,
  'sh',
  temporaryFolder('full'),
  program,
  job,
];

/** Why there can be no small file system here; `undefined` when there can. */
export function smallDiskObstacle(): string | undefined {
  const { status } = spawnSync('unshare', inside(1, 'true', ''));
  return status === 0 ? undefined : 'this system lets no user mount a small file system';
}

/** Runs a job with the folder of a small file system as its argument. @returns what it said behind `READY` */
export function runOnSmallDisk(mib: number, job: string): Record<string, unknown> {
  const output = execFileSync('unshare', inside(mib, process.execPath, job), { encoding: 'utf8' });
  const [, json = '{}'] = /^READY (.*)$/m.exec(output) ?? [];
  return JSON.parse(json) as Record<string, unknown>;
}

/** Writes a file that leaves no block free. */
export function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  for (let size = 1 << 16; size >= 1; ) {
    try {
      writeSync(file, new Uint8Array(size));
    } catch {
      size >>= 1;
    }
  }
  try {
    fsyncSync(file);
  } catch {
    // full, as it should be
  }
  closeSync(file);
}
