import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const peers = fileURLToPath(new URL('../../../tests/peers/', import.meta.url));

function go(
  folder: string,
  args: readonly string[],
  input?: string,
): { readonly status: number | null; readonly stdout: string } {
  // GOPROXY off: whoever wants these tests fetches the modules first, with `go mod download`
  const env = { ...process.env, GOPROXY: 'off', GOFLAGS: '-mod=readonly' };
  return spawnSync('go', args, { cwd: peers + folder, encoding: 'utf8', env, ...(input === undefined ? {} : { input }) });
}

/** Why the Go programs cannot be run here. */
function obstacle(folder: string): string | undefined {
  if (process.env.PERIGEE_LONG !== '1') return 'only in test:long';
  if (go(folder, ['version']).status !== 0) return 'Go is not installed';
  return go(folder, ['build', '-o', '/dev/null', './...']).status === 0 ? undefined : 'its modules are not downloaded';
}

const vector = (name: string) => readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8');

for (const [folder, claims] of Object.entries({
  iavl: {
    'gives the stored roots and proofs': () =>
      expect(JSON.parse(go('iavl', ['run', '.']).stdout)).toEqual(JSON.parse(vector('iavl.json'))),
  },
  cometbft: {
    'proposes in the stored order': () =>
      expect(JSON.parse(go('cometbft', ['run', './proposers']).stdout)).toEqual(JSON.parse(vector('proposers.json'))),
    'accepts the blocks of the embedded engine': () =>
      expect(go('cometbft', ['run', './validate'], vector('chain.json')).stdout).toBe('12 blocks are valid\n'),
  },
})) {
  const reason = obstacle(folder);
  describe.skipIf(reason !== undefined)(`tests/peers/${folder}${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
    for (const [name, claim] of Object.entries(claims)) it(name, { timeout: 300_000 }, claim);
  });
}
