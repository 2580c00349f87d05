import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The version that is tested, and that `npm run test:cometbft` builds. */
const VERSION = '0.38.25';

/** Path of CometBFT; `undefined` where it was not built. */
export function cometbftProgram(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return [process.env.PERIGEE_COMETBFT, join(cache, 'perigee', `cometbft-${VERSION}`, 'cometbft')].find(
    (path) => path !== undefined && existsSync(path),
  );
}
