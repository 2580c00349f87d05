import { children, readDer, sequence } from './der.ts';
import { oidOf } from './der-values.ts';

const COMMON_NAME = '2.5.4.3';

/** The common name in a distinguished name, `''` where it has none. @param name DER */
export function commonNameOf(name: Uint8Array): string {
  for (const part of sequence(readDer(name))) {
    const [id, value] = children(part).length === 1 ? sequence(children(part)[0]) : [];
    if (id !== undefined && value !== undefined && oidOf(id) === COMMON_NAME)
      return String.fromCharCode(...value.value.subarray(0, 128));
  }
  return '';
}
