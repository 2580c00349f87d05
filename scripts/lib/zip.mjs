// @ts-check
import { crc32 } from 'node:zlib';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
/** 1980-01-01, the first day that the format knows: when a file was made is no part of what it is. */
const DATE = 0x0021;
const MAX_ENTRIES = 0xffff;

/**
 * A ZIP archive of files that are stored as they are: the same files give the same bytes, on every machine and with every version of zlib.
 *
 * @param {Iterable<readonly [name: string, bytes: Uint8Array]>} files
 * @returns {Buffer}
 */
export function zip(files) {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length > MAX_ENTRIES) throw new Error(`${sorted.length} files are more than a ZIP archive can hold`);
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, bytes] of sorted) {
    const path = Buffer.from(name, 'utf8');
    const common = fields(
      [VERSION, 2],
      [UTF8_NAMES, 2],
      [0, 2],
      [0, 2],
      [DATE, 2],
      [crc32(bytes), 4],
      [bytes.length, 4],
      [bytes.length, 4],
      [path.length, 2],
      [0, 2],
    );
    const local = Buffer.concat([fields([LOCAL, 4]), common, path, bytes]);
    directory.push(fields([CENTRAL, 4], [VERSION, 2]), common, fields([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), path);
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = fields([END, 4], [0, 2], [0, 2], [sorted.length, 2], [sorted.length, 2], [central.length, 4], [offset, 4], [0, 2]);
  return Buffer.concat([...parts, central, end]);
}

/** Little-endian numbers, each with its width in bytes. @param {...[value: number, width: 2 | 4]} values @returns {Buffer} */
function fields(...values) {
  const bytes = Buffer.alloc(values.reduce((sum, [, width]) => sum + width, 0));
  let at = 0;
  for (const [value, width] of values) at = bytes.writeUIntLE(value, at, width);
  return bytes;
}
