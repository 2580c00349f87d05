import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { concat, PerigeeError } from '@perigee/wire';
import { builtFile } from '@perigee/workers/node';

/** Longest list of names that git may print, bytes. */
const MAX_LIST_BYTES = 16 << 20;
/** A file of which nothing could be read is passed over so often in a row. */
const MAX_UNREADABLE = 100;

/** Bytes to publish: files of this program's own repository, or of its package where there is no repository. Nothing of anybody else. */
export interface OwnFiles {
  /** So many bytes of files chosen at random, one after another. @throws NOT_FOUND when none can be read */
  take(bytes: number): Promise<Uint8Array>;
}

export async function findOwnFiles(): Promise<OwnFiles> {
  const program = dirname(fileURLToPath(builtFile('perigee.js', import.meta.url)));
  const files = (await committedFiles(program)) ?? (await filesBelow(program));
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
          if (unreadable > MAX_UNREADABLE) throw new PerigeeError('NOT_FOUND', `no file of ${program} can be read`);
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

/** What is committed in the repository that the program lies in. */
async function committedFiles(program: string): Promise<string[] | undefined> {
  const git = async (folder: string, ...words: string[]): Promise<string> => {
    const options = { cwd: folder, encoding: 'utf8', maxBuffer: MAX_LIST_BYTES } as const;
    return (await promisify(execFile)('git', ['-c', 'safe.directory=*', ...words], options)).stdout;
  };
  try {
    const root = (await git(program, 'rev-parse', '--show-toplevel')).trim();
    // a folder of modules inside somebody's repository is not that repository
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    if ((manifest as { name?: unknown } | null)?.name !== 'perigee') return undefined;
    const files = (await git(root, 'ls-files', '-z')).split('\0').filter((name) => name !== '');
    return files.length === 0 ? undefined : files.map((name) => join(root, name));
  } catch {
    return undefined;
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
