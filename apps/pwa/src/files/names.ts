/** Names of files come from whoever made the file: they are shown, and written to a disk, only after this. */

/** Characters of a name, at most: file systems take 255 bytes, and a browser adds ` (1)` and a suffix of its own while it saves. */
const MAX_NAME_CHARACTERS = 120;
const MAX_NAME_BYTES = 200;
/** An ending longer than this is no file type, characters with the dot. */
const MAX_ENDING_CHARACTERS = 16;

/** Control characters, formats (they turn the direction of writing, or are invisible), halves of pairs, separators of lines, and what nobody has assigned. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** What some file system takes for something else than a part of a name. */
const RESERVED = /[\\/:*?"<>|]/g;
/** Devices of Windows, whatever ending they have. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Text of a stranger on one line, as it may be shown. */
export function shownText(text: string, characters = MAX_NAME_CHARACTERS): string {
  // bounded before it is looked at closely: what is a stranger's may be long
  const plain = text
    .slice(0, 4 * characters)
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(/\s+/g, ' ')
    .trim();
  const all = [...plain];
  return all.length <= characters && text.length <= 4 * characters ? plain : `${all.slice(0, characters - 1).join('')}…`;
}

/**
 * The name under which something is saved: one part of a path, on any system, visible and bounded, with its ending.
 *
 * @param fallback for a name of which nothing is left
 */
export function savedName(name: string, fallback: string): string {
  const bounded = name.length <= 4_096 ? name : `${name.slice(0, 2_048)}${name.slice(-2_048)}`;
  const plain = bounded
    .normalize('NFC')
    .replace(INVISIBLE, '')
    .replace(RESERVED, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[\s._]+/, '') // hidden files, and what is left of ../
    .replace(/[\s.]+$/, ''); // Windows drops them
  if (plain === '') return fallback;
  return shorten(DEVICE.test(plain) ? `_${plain}` : plain);
}

/** Takes out of the middle, so that the ending stays. */
function shorten(name: string): string {
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= MAX_ENDING_CHARACTERS ? name.slice(dot) : '';
  const stem = [...name.slice(0, name.length - ending.length)];
  while (stem.length + ending.length > MAX_NAME_CHARACTERS || bytesOf(stem.join('') + ending) > MAX_NAME_BYTES) stem.pop();
  return stem.join('').replace(/[\s.]+$/, '') + ending;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
