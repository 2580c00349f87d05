// @ts-check
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { start } from './lib/children.mjs';
import { locked } from './lib/lock.mjs';
import { step, UserError } from './lib/step.mjs';

/** The version that is tested; `tests/kit/cometbft.ts` looks for it where it is built here. */
const VERSION = '0.38.25';
const MODULE = `github.com/cometbft/cometbft/cmd/cometbft@v${VERSION}`;

/**
 * CometBFT, which is built with Go once and kept outside of the clone: it takes minutes.
 *
 * @returns {Promise<{ path: string } | { reason: string }>} why there is none, where there is no Go or it cannot fetch
 */
export async function ensureCometbft() {
  const given = process.env.PERIGEE_COMETBFT;
  if (given !== undefined && given !== '') {
    if (existsSync(given)) return { path: given };
    throw new UserError(`PERIGEE_COMETBFT names ${given}, which does not exist.`);
  }
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perigee');
  const folder = join(cache, `cometbft-${VERSION}`);
  const path = join(folder, 'cometbft');
  if (existsSync(path)) return { path };
  if (!hasGo()) return { reason: `CometBFT v${VERSION} is built with Go, which is not installed` };
  return locked(`${folder}.lock`, async () => {
    if (existsSync(path)) return { path };
    const built = await step(`build CometBFT v${VERSION}`, () => goInstall(`${folder}.new`));
    if (built !== undefined) return { reason: built };
    rmSync(folder, { recursive: true, force: true });
    renameSync(`${folder}.new`, folder);
    return { path };
  });
}

function hasGo() {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} folder @returns {Promise<string | undefined>} why it could not be built */
async function goInstall(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const child = start('go', ['install', MODULE], {
    cwd: folder, // go must not find a module around it
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    words = (words + text).slice(-2_000);
  });
  const [code] = await once(child, 'close');
  return code === 0 ? undefined : `go install ${MODULE} failed: ${words.trim().split('\n').at(-1)}`;
}
