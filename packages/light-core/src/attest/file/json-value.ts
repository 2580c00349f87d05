import { PerigeeError } from '@perigee/wire';
import { parseJson } from '../json-slice.ts';

/** The value of JSON that a person hands over, bounded before it is made. @param what for the error @throws PARSE */
export function jsonValue(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    const isLarge = PerigeeError.from(cause).data?.check === 'TOO_LARGE';
    throw new PerigeeError('PARSE', `${what} ${isLarge ? 'has more in it, or deeper, than evidence has' : 'is no JSON'}`, {
      cause,
    });
  }
}
