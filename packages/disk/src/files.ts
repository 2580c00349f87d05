/** Files and folders that survive a crash, without LevelDB. */
import { open, rename, rm } from 'node:fs/promises';

/** Makes a new name in a folder survive a power cut. Windows has no such call and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Writes a file so that a reader, or a start after a crash, sees the old content or the new, never a part.
 *
 * @param mode of the file
 * @throws what the file system says
 */
export async function writeFileWhole(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const beside = `${path}.new`;
  try {
    const file = await open(beside, 'w', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }); // on a full disk a part would only take room
    throw error;
  }
}
