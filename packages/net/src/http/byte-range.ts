import { HttpError } from './http-error.ts';

/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a request asks for (RFC 9110, 14.2). Several at once, and what is no range of bytes, are passed over, as they may be.
 *
 * @param header `Range`
 * @returns `undefined` for the whole
 * @throws HttpError 416
 */
export function readRange(header: string | undefined, length: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.replaceAll(' ', '') ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') {
    const count = Math.min(Number(last), length);
    if (count === 0) throw unsatisfiable(length);
    return { start: length - count, end: length };
  }
  const start = Number(first);
  const end = last === '' ? length : Math.min(Number(last) + 1, length);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= length) throw unsatisfiable(length);
  return { start, end };
}

function unsatisfiable(length: number): HttpError {
  return new HttpError(416, `the file has ${length} bytes`, { 'Content-Range': `bytes */${length}` });
}
