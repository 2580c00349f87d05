import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtFile } from '@perigee/workers/node';

/** Longest text that git may print, bytes. */
const MAX_TEXT_BYTES = 16 << 20;

/** The repository that this program was built in. */
export interface Repository {
  readonly root: string;
  /** What a git command prints there. */
  git(...words: string[]): Promise<string>;
}

/** Folder of the running program. */
export function programFolder(): string {
  return dirname(fileURLToPath(builtFile('perigee.js', import.meta.url)));
}

/** `undefined` where the program does not lie in its own repository, or git is not installed. */
export async function ownRepository(): Promise<Repository | undefined> {
  const gitIn = async (folder: string, words: readonly string[]): Promise<string> => {
    const options = { cwd: folder, encoding: 'utf8', maxBuffer: MAX_TEXT_BYTES } as const;
    return (await promisify(execFile)('git', ['-c', 'safe.directory=*', ...words], options)).stdout;
  };
  try {
    const root = (await gitIn(programFolder(), ['rev-parse', '--show-toplevel'])).trim();
    // a folder of modules inside somebody's repository is not that repository
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    if ((manifest as { name?: unknown } | null)?.name !== 'perigee') return undefined;
    return { root, git: (...words) => gitIn(root, words) };
  } catch {
    return undefined;
  }
}
