/** A chain whose disk is full: it says so, and goes on by itself when there is room again. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/folder.ts';

const PERIGEE = fileURLToPath(new URL('../../../dist/node/perigee.js', import.meta.url));
/** Blocks fill a file system of their own until it is full; then it grows, and the network is started anew. */
const FILL = `mount -t tmpfs -o size=2m tmpfs "$0" || exit 77
perigee() { "$1" "$2" devnet --home "$0/devnet" --nodes 1 --block-ms 10 --publish-every 0 --log-level warn $3; }
perigee "$1" "$2"; echo "ended $?"
mount -o remount,size=32m "$0"; perigee "$1" "$2" --until-stdin-ends`;

it('is named as the reason, and nothing else is needed than room', { timeout: 240_000 }, (context) => {
  const folder = temporaryFolder('full-disk');
  const run = spawnSync('unshare', ['-rm', 'sh', '-c', FILL, folder, process.execPath, PERIGEE], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 200_000,
  });
  if (run.error !== undefined || run.status === 77 || /unshare/.test(run.stderr)) {
    context.skip('this system lets no user mount a small file system');
  }
  const [first, second] = run.stdout.split('ended ');
  expect(first, run.stderr).toMatch(/^READY /m);
  expect(run.stderr).toMatch(/^perigee: the node with the chain has ended: there is no space left for .*\[STORE_FULL\]$/m);
  expect(second, run.stderr).toMatch(/^1\nREADY /);
  expect(run.status).toBe(0);
});
