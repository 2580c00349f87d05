import { closeSync, fsyncSync, openSync, readdirSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@perigee/wire';
import {
  layoutOf,
  PREFIX_BYTES,
  type RowFileHeader,
  readHeader,
  readPrefix,
} from '../../packages/da/src/store/row-file-format.ts';

/**
 * Takes rows of a blob off the disk of a node, as a disk does that forgets: where they were are zeros.
 *
 * @param home of a node with the data availability role; it may run meanwhile
 * @returns how many it lost
 */
export function loseRows(home: string, blobId: string, isLost: (index: number, header: RowFileHeader) => boolean): number {
  const folder = join(home, 'da', 'rows');
  let lost = 0;
  for (const name of readdirSync(folder)) {
    const file = openSync(join(folder, name), 'r+');
    try {
      const header = readHeader(read(file, readPrefix(read(file, PREFIX_BYTES, 0)), PREFIX_BYTES));
      if (toHex(header.blobId) !== blobId) continue;
      const { slotsOffset, slotBytes } = layoutOf(header);
      const nothing = new Uint8Array(slotBytes);
      for (const [slot, index] of header.indices.entries()) {
        if (!isLost(index, header)) continue;
        writeSync(file, nothing, 0, slotBytes, slotsOffset + slot * slotBytes);
        lost++;
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
  return lost;
}

function read(file: number, length: number, position: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (readSync(file, bytes, 0, length, position) !== length) throw new Error('a file of rows is too short');
  return bytes;
}
