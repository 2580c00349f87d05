import { MAX_FOLDER_NAME_BYTES, MAX_FOLDER_PATH_BYTES, PerigeeError, utf8 } from '@perigee/wire';

/** Names that mean a device, and not a file, where a folder may be unpacked too. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
/** Characters that some file system takes for something else, and those that hide what a name is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const BAD = /[\u0000-\u001f\u007f-\u009f\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * A path in a folder: names with `/` between, none of which leads elsewhere, on any system.
 *
 * @returns the path
 * @throws INVALID_ARGUMENT
 */
export function checkFolderPath(path: string): string {
  const bad = (why: string): PerigeeError =>
    new PerigeeError('INVALID_ARGUMENT', `"${path.replace(BAD, '\ufffd').slice(0, 160)}" cannot be a path in a folder: ${why}`);
  if (utf8(path).length > MAX_FOLDER_PATH_BYTES) throw bad(`it has more than ${MAX_FOLDER_PATH_BYTES} bytes`);
  if (BAD.test(path)) throw bad('a character in it means something else to some file system');
  if (path.normalize('NFC') !== path) throw bad('its characters are not composed (NFC)');
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') throw bad('a name in it is empty, . or ..');
    if (name.endsWith('.') || name.endsWith(' ')) throw bad('a name in it ends in a dot or a space');
    if (utf8(name).length > MAX_FOLDER_NAME_BYTES) throw bad(`a name in it has more than ${MAX_FOLDER_NAME_BYTES} bytes`);
    if (DEVICE.test(name)) throw bad('a name in it is that of a device');
  }
  return path;
}
