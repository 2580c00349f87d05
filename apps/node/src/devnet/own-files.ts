import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, PerigeeError } from '@perigee/wire';
import { ownRepository, programFolder } from '../repository.ts';

/** So many files in a row of which nothing could be read are too many. */
const MAX_UNREADABLE = 100;

/** Bytes to publish: files of this program's own repository, or of its package where there is no repository. Nothing of anybody else. */
export interface OwnFiles {
  /** So many bytes of files chosen at random, one after another. @throws NOT_FOUND when none can be read */
  take(bytes: number): Promise<Uint8Array>;
}

export async function findOwnFiles(): Promise<OwnFiles> {
  const files = (await committedFiles()) ?? (await filesBelow(programFolder()));
  return {
    async take(bytes) {
      const parts: Uint8Array[] = [];
      let length = 0;
      let unreadable = 0;
      while (length < bytes) {
        const file = files[randomInt(Math.max(1, files.length))];
        const content = file === undefined ? undefined : await readFile(file).catch(() => undefined);
        if (content === undefined || content.length === 0) {
          unreadable += 1;
          if (unreadable > MAX_UNREADABLE) throw new PerigeeError('NOT_FOUND', 'no file of this program can be read');
          continue;
        }
        unreadable = 0;
        const part = new Uint8Array(content.subarray(0, bytes - length));
        parts.push(part);
        length += part.length;
      }
      return concat(...parts);
    },
  };
}

async function committedFiles(): Promise<string[] | undefined> {
  const repository = await ownRepository();
  if (repository === undefined) return undefined;
  const names = (await repository.git('ls-files', '-z')).split('\0').filter((name) => name !== '');
  return names.length === 0 ? undefined : names.map((name) => join(repository.root, name));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
