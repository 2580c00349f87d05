import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PerigeeError } from '@perigee/wire';

/** The version that the sidecar was written for: its QUIC is unstable. */
const DENO = 'deno@2.9.6';

/**
 * The program of Deno: the one that is named, else that of the npm package `deno` in a folder `node_modules` of `from` or above.
 *
 * @throws NOT_FOUND with what to install
 */
export function findDeno(named: string | undefined, from: string): string {
  if (named !== undefined) {
    const path = resolve(named);
    if (isProgram(path)) return path;
    throw new PerigeeError(
      'NOT_FOUND',
      `${path} is no program: name that of Deno, which "npm install ${DENO}" installs as node_modules/.bin/deno`,
    );
  }
  const libc = process.platform === 'linux' ? '-glibc' : '';
  // the package's own copy is only there once its install script has run
  const packages = ['deno', join('@deno', `${process.platform}-${process.arch}${libc}`)];
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = packages
      .map((name) => join(folder, 'node_modules', name, 'deno'))
      .find((path) => isProgram(path) && isTrusted(path));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) break;
  }
  throw new PerigeeError(
    'NOT_FOUND',
    `WebTransport is listened on by Deno, which is not installed: run "npm install --no-save ${DENO}" in this folder, or name the program with --deno PATH`,
  );
}

/** Whether it belongs to us or to the system: above our folder may be one in which anybody writes. */
function isTrusted(path: string): boolean {
  const { uid } = statSync(path);
  return process.getuid === undefined || uid === 0 || uid === process.getuid();
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
