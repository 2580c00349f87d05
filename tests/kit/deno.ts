import { fileURLToPath } from 'node:url';
import { findDeno } from '../../packages/net/src/webtransport/find-deno.ts';

const FOLDER = fileURLToPath(new URL('../peers/deno', import.meta.url));

/** The program of Deno that tests/peers/deno installs. @throws NOT_FOUND */
export function testDeno(): string {
  return findDeno(undefined, FOLDER);
}

/** Why there is no Deno here, if there is none. */
export function denoObstacle(): string | undefined {
  try {
    testDeno();
    return undefined;
  } catch {
    return 'Deno is not installed: run npm ci in tests/peers/deno first';
  }
}
