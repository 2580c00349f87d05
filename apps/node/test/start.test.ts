/** What the built program reads before it does anything: every command waits for it, and each reads its own part besides. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../../dist/node/perigee.js', import.meta.url));
/** Bytes of all commands together, of which none may come in by itself. */
const MAX_BYTES = 50_000;

/** A built file, and all that it imports at once. */
function readAtOnce(file: string, found = new Map<string, number>()): Map<string, number> {
  if (found.has(file)) return found;
  const text = readFileSync(file, 'utf8');
  found.set(file, text.length);
  for (const [, other = ''] of text.matchAll(/^import (?:[^"';]* from )?"(\.[^"]+)";$/gm)) {
    readAtOnce(resolve(dirname(file), other), found);
  }
  return found;
}

it('the program begins without the parts that only some command needs', () => {
  const files = readAtOnce(PROGRAM);
  expect(files.size).toBeGreaterThan(1);
  const bytes = [...files.values()].reduce((sum, length) => sum + length);
  expect(bytes, [...files.keys()].join('\n')).toBeLessThan(MAX_BYTES);
});
