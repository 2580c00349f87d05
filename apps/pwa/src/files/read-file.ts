import { MAX_BLOB_BYTES, MAX_BLOB_BYTES_8X, PerigeeError } from '@perigee/wire';
import { shownText } from './names.ts';

/**
 * Refuses a file by its size, before a byte of it is read.
 *
 * @throws BLOB_LENGTH
 */
export function checkFileSize(file: Pick<File, 'name' | 'size'>, redundancy: number): void {
  const most = redundancy === 8 ? MAX_BLOB_BYTES_8X : MAX_BLOB_BYTES;
  if (file.size >= 1 && file.size <= most) return;
  const why = file.size === 0 ? 'is empty, or a folder' : `has ${file.size} bytes`;
  throw new PerigeeError('BLOB_LENGTH', `"${shownText(file.name)}" ${why}; a blob at ${redundancy}× has 1 to ${most} bytes`, {
    data: { bytes: file.size, most },
  });
}

/**
 * Reads a file that `checkFileSize` has taken.
 *
 * @throws INVALID_ARGUMENT when it cannot be read: it was moved, changed meanwhile, or is a folder
 */
export async function readFile(file: File): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    const words = `"${shownText(file.name)}" could not be read: it was moved or changed, or it is a folder; choose it again`;
    throw new PerigeeError('INVALID_ARGUMENT', words, { cause });
  }
  if (bytes.length === file.size) return bytes;
  const words = `"${shownText(file.name)}" had ${file.size} bytes when it was chosen, and ${bytes.length} now; choose it again`;
  throw new PerigeeError('INVALID_ARGUMENT', words);
}
