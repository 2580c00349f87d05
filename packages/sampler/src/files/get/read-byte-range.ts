import { PerigeeError } from '@perigee/wire';
import type { ByteRange } from './read-range.ts';

/**
 * A range of bytes as HTTP writes it: `0-99` is the first hundred, `100-` all from there on, `-100` the last hundred.
 *
 * @throws INVALID_ARGUMENT for what is none, or lies outside of the file
 */
export function readByteRange(text: string, length: number): ByteRange {
  const [, first = '', last = ''] = /^\s*(\d{0,16})\s*-\s*(\d{0,16})\s*$/.exec(text) ?? [];
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length : Number(last) + 1;
  if ((first === '' && last === '') || from >= length || to > length || from >= to) {
    const words = `"${text.slice(0, 40)}" is no range of a file of ${length} bytes; write it as 0-99, 100- or -100`;
    throw new PerigeeError('INVALID_ARGUMENT', words, { data: { length } });
  }
  return { from, to };
}
