import { open } from 'node:fs/promises';

/** Makes names that were given or changed in a folder outlast a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  // Windows cannot sync a directory, and does not need to
  await folder.sync().catch(() => {});
  await folder.close();
}
