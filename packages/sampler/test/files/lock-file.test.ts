import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { freeLock, takeLock } from '../../src/files/disk/lock-file.ts';

const lockWith = (content: string): string => {
  const path = join(temporaryFolder('lock'), 'lock');
  writeFileSync(path, content);
  return path;
};

it('a lock that names a process that runs is its, and of this process nobody else has one twice', async () => {
  const path = lockWith(`${process.ppid}\n`);
  expect(await takeLock(path)).toBe(process.ppid);
  expect(readFileSync(path, 'utf8')).toBe(`${process.ppid}\n`);
  const free = join(temporaryFolder('lock'), 'lock');
  expect(await takeLock(free)).toBeUndefined();
  expect(await takeLock(free)).toBe(process.pid);
  await freeLock(free);
  expect(existsSync(free)).toBe(false);
  expect(await takeLock(free)).toBeUndefined();
  await freeLock(free);
});

it.each([
  ['names a process that has ended', `${spawnSync(process.execPath, ['--version']).pid}\n`],
  ['was left before anything was in it', ''],
  ['was torn, so that what is left of a number is that of a process that runs', String(process.ppid)],
  ['names none', 'a process\n'],
])('a lock that %s is taken', async (_, content) => {
  const path = lockWith(content);
  expect(await takeLock(path)).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  await freeLock(path);
});

it('a lock that is being written is waited for', async () => {
  const path = lockWith('');
  const taken = takeLock(path);
  await new Promise((resolve) => setTimeout(resolve, 20));
  writeFileSync(path, `${process.ppid}\n`);
  expect(await taken).toBe(process.ppid);
});
