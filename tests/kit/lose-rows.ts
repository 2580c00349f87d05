import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataFile, readHead } from '@perigee/disk';
import { toHex } from '@perigee/wire';
import { layoutOf, ROW_FILE, type RowFileHeader } from '../../packages/da/src/store/row-file-format.ts';

/**
 * Takes rows of a blob off the disk of a node, as a disk does that forgets: where they were are zeros.
 *
 * @param home of a node with the data availability role; it may run meanwhile
 * @returns how many it lost
 */
export async function loseRows(
  home: string,
  blobId: string,
  isLost: (index: number, header: RowFileHeader) => boolean,
): Promise<number> {
  const folder = join(home, 'da', 'rows');
  let lost = 0;
  for (const name of await readdir(folder)) {
    await DataFile.open(join(folder, name), 'r+', ROW_FILE.what, async (file) => {
      const header = await readHead(ROW_FILE, file);
      if (toHex(header.blobId) === blobId) {
        const { slotsOffset, slotBytes } = layoutOf(header);
        for (const [slot, index] of header.indices.entries()) {
          if (!isLost(index, header)) continue;
          await file.write(new Uint8Array(slotBytes), slotsOffset + slot * slotBytes);
          lost++;
        }
        await file.sync();
      }
      await file.close();
    });
  }
  return lost;
}
