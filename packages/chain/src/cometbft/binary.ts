import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PerigeeError } from '@perigee/wire';

/** The line of versions whose configuration, files and ABCI this package knows. */
const VERSION = /^v?(0\.38\.\d+)\b/;
const INSTALL = 'install it with "go install github.com/cometbft/cometbft/cmd/cometbft@v0.38.25"';
const TIMEOUT_MS = 10_000;

/**
 * Ask a program whether it is a CometBFT that this package can drive.
 *
 * @param program path, or a name to be looked for as a shell does
 * @returns its version
 * @throws NOT_FOUND, UNSUPPORTED
 */
export async function checkBinary(program: string): Promise<string> {
  let printed: string;
  try {
    printed = (await promisify(execFile)(program, ['version'], { timeout: TIMEOUT_MS, encoding: 'utf8' })).stdout.trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new PerigeeError('NOT_FOUND', `CometBFT is not at "${program}"; ${INSTALL}, or name its path`, { cause });
    }
    throw new PerigeeError('UNSUPPORTED', `"${program} version" failed: ${firstLine(PerigeeError.from(cause).message)}`, {
      cause,
    });
  }
  const [, version] = VERSION.exec(printed) ?? [];
  if (version !== undefined) return version;
  throw new PerigeeError('UNSUPPORTED', `"${program}" is version "${firstLine(printed)}", not CometBFT v0.38; ${INSTALL}`);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.slice(0, 120) ?? '';
}
