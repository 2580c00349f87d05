import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { fileSink } from '../src/node.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function place(): { readonly folder: string; readonly path: string } {
  const folder = temporaryFolder('sink');
  return { folder, path: join(folder, 'a film.bin') };
}

it('the file appears when it is whole, and nothing else stays', async () => {
  const { folder, path } = place();
  const sink = await fileSink(path);
  await sink.write(bytes('all '));
  await sink.write(bytes('of it'));
  expect(existsSync(path)).toBe(false);
  await sink.close();
  expect(readFileSync(path, 'utf8')).toBe('all of it');
  expect(readdirSync(folder)).toEqual(['a film.bin']);
  expect(await codeOfPromise(sink.write(bytes('more')))).toBe('INVALID_ARGUMENT');
});

it('nothing stays of what was aborted', async () => {
  const { folder, path } = place();
  const sink = await fileSink(path);
  await sink.write(bytes('half'));
  await sink.abort();
  await sink.abort();
  expect(readdirSync(folder)).toEqual([]);
});

it('a file that is there is not overwritten, unless that is allowed, and then only by a whole one', async () => {
  const { folder, path } = place();
  writeFileSync(path, 'before');
  expect(await codeOfPromise(fileSink(path))).toBe('INVALID_ARGUMENT');
  const aborted = await fileSink(path, { overwrite: true });
  await aborted.write(bytes('half'));
  await aborted.abort();
  expect(readFileSync(path, 'utf8')).toBe('before');
  const sink = await fileSink(path, { overwrite: true });
  await sink.write(bytes('after'));
  await sink.close();
  expect(readFileSync(path, 'utf8')).toBe('after');
  expect(readdirSync(folder)).toHaveLength(1);
});

it('a file that appears meanwhile is not overwritten', async () => {
  const { folder, path } = place();
  const sink = await fileSink(path);
  await sink.write(bytes('ours'));
  writeFileSync(path, 'theirs');
  expect(await codeOfPromise(sink.close())).toBe('INVALID_ARGUMENT');
  await sink.abort();
  expect(readFileSync(path, 'utf8')).toBe('theirs');
  expect(readdirSync(folder)).toHaveLength(1);
});

it('what a crashed run left of this file is removed, and nothing else', async () => {
  const { folder, path } = place();
  const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
  const random = '0123456789abcdef';
  const kept = [
    `a film.bin.part-${process.pid}-${random}`,
    `b.bin.part-${dead}-${random}`,
    'a film.bin.part-',
    'a film.bin.part-x',
  ];
  for (const name of [...kept, `a film.bin.part-${dead}-${random}`]) writeFileSync(join(folder, name), 'x');
  const sink = await fileSink(path);
  await sink.abort();
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
});

it('what the system refuses is said', async () => {
  const { folder, path } = place();
  expect(await codeOfPromise(fileSink(join(folder, 'no folder', 'x')))).toBe('INTERNAL');
  const sink = await fileSink(path, { overwrite: true });
  mkdirSync(path);
  expect(await codeOfPromise(sink.close())).toBe('INTERNAL');
  await sink.abort();
  expect(readdirSync(folder)).toEqual(['a film.bin']);
});
