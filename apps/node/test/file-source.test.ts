import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_BLOB_BYTES } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { openFileSource } from '../src/file-source.ts';

const folder = temporaryFolder('file-source');
const file = (name: string, content: string | Uint8Array = 'hello'): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('a file to publish', () => {
  it('is read whole, also by a hostile name or a link', async () => {
    const path = file('-\u001b[2J\u202e"\n$(rm).txt');
    symlinkSync(path, join(folder, 'link'));
    for (const name of [path, join(folder, 'link')]) {
      const source = await openFileSource(name);
      const into = new Uint8Array(source.length);
      await source.read(into, undefined);
      await source.close();
      expect(Buffer.from(into).toString()).toBe('hello');
    }
  });

  it.each([
    ['grows', (path: string) => appendFileSync(path, 'more')],
    ['shrinks', (path: string) => truncateSync(path, 1)],
    ['is written over', (path: string) => writeFileSync(path, 'olleh')],
    ['is touched', (path: string) => utimesSync(path, 1, 1)],
  ])('is refused when it %s meanwhile', async (_, change) => {
    const source = await openFileSource(file('changing'));
    change(join(folder, 'changing'));
    await expect(source.read(new Uint8Array(source.length), undefined)).rejects.toMatchObject({ code: 'REFUSED' });
    await source.close();
  });

  it('is not a folder, a device, a pipe that nobody writes to, or nothing', async () => {
    mkdirSync(join(folder, 'folder'));
    await expect(openFileSource(join(folder, 'folder'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(openFileSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(openFileSource(join(folder, 'pipe'))).rejects.toThrow('is a pipe');
    await expect(openFileSource('/dev/zero')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('is neither empty nor longer than a blob', async () => {
    await expect(openFileSource(file('empty', ''))).rejects.toMatchObject({ code: 'BLOB_LENGTH' });
    const long = file('long');
    truncateSync(long, MAX_BLOB_BYTES + 1);
    await expect(openFileSource(long)).rejects.toMatchObject({ code: 'BLOB_LENGTH' });
  });

  it('is not read on when that is no longer wanted', async () => {
    const source = await openFileSource(file('unwanted'));
    await expect(source.read(new Uint8Array(source.length), AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' });
    await source.close();
  });
});
