/** Which keys of the state a question about a stream is of: those who answer and those who verify must agree. */
import { type KvScan, type KvWatch, MAX_RANGE_KEYS, PerigeeError } from '@perigee/wire';
import type { StateRange } from '../state/index.ts';
import { entryKey, entryPrefix } from './keys.ts';

/** @throws INVALID_ARGUMENT unless 1 to 256 entries are asked for */
export function rangeOfScan(stream: Uint8Array, { lower, upper, reverse, limit }: KvScan): StateRange {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RANGE_KEYS) {
    throw new PerigeeError('INVALID_ARGUMENT', `${limit} entries cannot be asked for at once; 1 to ${MAX_RANGE_KEYS} can`);
  }
  const all = entryPrefix(stream);
  return {
    lower: lower === undefined ? { key: all, inclusive: true } : { ...lower, key: entryKey(stream, lower.key) },
    upper: upper === undefined ? { key: prefixEnd(all), inclusive: false } : { ...upper, key: entryKey(stream, upper.key) },
    reverse,
    limit,
  };
}

/** All entries that a subscription is of. */
export function rangeOfWatch(
  stream: Uint8Array,
  { key, isPrefix }: Pick<KvWatch, 'key' | 'isPrefix'>,
): Pick<StateRange, 'lower' | 'upper'> {
  const place = entryKey(stream, key);
  return {
    lower: { key: place, inclusive: true },
    upper: isPrefix ? { key: prefixEnd(place), inclusive: false } : { key: place, inclusive: true },
  };
}

/** The first key behind all that begin with a prefix, which begins with a letter. */
function prefixEnd(prefix: Uint8Array): Uint8Array {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  const end = prefix.slice(0, last + 1);
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

/** The bounds of all keys that begin with a prefix, for a scan. */
export function prefixBounds(prefix: Uint8Array): Pick<KvScan, 'lower' | 'upper'> {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  return {
    ...(prefix.length === 0 ? {} : { lower: { key: prefix, inclusive: true } }),
    ...(last < 0 ? {} : { upper: { key: prefixEnd(prefix), inclusive: false } }),
  };
}
