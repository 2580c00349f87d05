import {
  compare,
  concat,
  equal,
  FOLDER_VERSION,
  Folder,
  MAX_FILE_BYTES,
  MAX_MANIFEST_BYTES,
  PerigeeError,
  toHex,
  utf8,
} from '@perigee/wire';
import { checkFolderPath } from './folder-path.ts';

/** What a stored folder's file begins with. */
export const FOLDER_MAGIC = utf8('perigee-folder 01\n');

/** Whether a file begins as that of a folder. @param start its first bytes, as many as FOLDER_MAGIC has at least */
export function isFolder(start: Uint8Array): boolean {
  return start.length >= FOLDER_MAGIC.length && equal(start.subarray(0, FOLDER_MAGIC.length), FOLDER_MAGIC);
}

/** The bytes of a folder's file; one folder has one form. @throws INVALID_ARGUMENT */
export function encodeFolder(folder: Folder): Uint8Array {
  checkFolder(folder, 'INVALID_ARGUMENT');
  const bytes = concat(FOLDER_MAGIC, Folder.encode(folder));
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new PerigeeError('INVALID_ARGUMENT', `a folder whose list has ${bytes.length} bytes is too large: store it in parts`);
  }
  return bytes;
}

/**
 * Reads a folder's file, which anybody may have made.
 *
 * @throws PARSE, NOT_CANONICAL, UNKNOWN_VERSION
 */
export function decodeFolder(bytes: Uint8Array): Folder {
  if (!isFolder(bytes)) throw new PerigeeError('PARSE', 'this file is not the list of a folder');
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new PerigeeError('PARSE', `the list of a folder has ${bytes.length} bytes, more than ${MAX_MANIFEST_BYTES}`);
  }
  const folder = Folder.decodeCanonical(bytes.subarray(FOLDER_MAGIC.length));
  checkFolder(folder, 'PARSE');
  return folder;
}

function checkFolder({ version, parts, files, tensors }: Folder, code: 'PARSE' | 'INVALID_ARGUMENT'): void {
  const bad = (why: string): PerigeeError => new PerigeeError(code, `the list of a folder does not hold: ${why}`);
  if (version !== FOLDER_VERSION) {
    throw new PerigeeError('UNKNOWN_VERSION', `the list of this folder has version ${version}; ${FOLDER_VERSION} is known here`);
  }
  const known = new Set(parts.map(({ root, length }) => `${toHex(root)} ${length}`));
  if (known.size < parts.length) throw bad('it names a stored file twice');
  if (parts.some(({ length }) => length < 1 || length > MAX_FILE_BYTES)) throw bad('a stored file has a length that none has');
  let used = 0;
  let last = '';
  const folders = new Set<string>();
  for (const { path, size, part, offset } of files) {
    try {
      checkFolderPath(path);
    } catch (cause) {
      throw new PerigeeError(code, PerigeeError.from(cause).message, { cause });
    }
    if (last !== '' && compare(utf8(last), utf8(path)) >= 0) throw bad(`its files are not in order at ${path}`);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
    last = path;
    if (size === 0) {
      if (part !== undefined || offset !== 0) throw bad(`${path} is empty, and is said to be stored`);
      continue;
    }
    const stored = part === undefined ? undefined : parts[part];
    if (part === undefined || stored === undefined) throw bad(`${path} is in no stored file`);
    if (part > used) throw bad('its stored files are not in the order of their use');
    if (part === used) used++;
    if (offset + size > stored.length) throw bad(`${path} goes beyond the end of the stored file that it is in`);
  }
  if (used < parts.length) throw bad('it names a stored file that no file is in');
  const both = files.find(({ path }) => folders.has(path));
  if (both !== undefined) throw bad(`${both.path} is a file and a folder`);
  tensors.forEach(({ name, file, begin, end }, i) => {
    const before = tensors[i - 1];
    const order = before === undefined ? -1 : compare(utf8(before.name), utf8(name)) || before.file - file;
    if (order >= 0) throw bad(`its tensors are not in order at ${name}`);
    if (begin > end || end > (files[file]?.size ?? -1)) throw bad(`tensor ${name} is not in its file`);
  });
}
