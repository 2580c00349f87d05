import { isUtf8 } from 'node:buffer';
import { checkJsonShape, PerigeeError } from '@perigee/wire';

/**
 * Reads a body of JSON that anyone may have sent.
 *
 * @throws PARSE when it is none, lies too deep or has too many values
 */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new PerigeeError('PARSE', 'it is not UTF-8');
  checkJsonShape(body);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new PerigeeError('PARSE', 'it is not JSON', { cause });
  }
}
