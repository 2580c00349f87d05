import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives this process and all that it starts a folder of their own for temporary files, so that nothing stays behind of a process that a test killed.
 *
 * @returns deletes it
 */
export function ownTmpdir(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'perigee-'));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
