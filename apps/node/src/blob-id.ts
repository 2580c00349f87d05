import { blobIdOf, fromHex, PerigeeError, toHex } from '@perigee/wire';

/**
 * A blob as a command line names it: its id (66 hexadecimal digits), or its commitment (64).
 *
 * @param usage what is to be written, for who named none
 * @returns the id, hexadecimal
 * @throws INVALID_ARGUMENT
 */
export function readBlobId(usage: string, positionals: readonly string[]): string {
  const [word] = positionals;
  if (word === undefined || positionals.length > 1) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `name one blob: ${usage}, where COMMITMENT is 64 hexadecimal digits, or the 66 of a blob id`,
    );
  }
  const text = word.replace(/^#|^0x/, '').toLowerCase();
  if (!/^([0-9a-f]{64}|[0-9a-f]{66})$/.test(text)) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `"${word}" is no blob: a blob is named by its commitment, 64 hexadecimal digits, or its id, 66`,
    );
  }
  if (text.length === 64) return toHex(blobIdOf(fromHex(text, 32)));
  if (!text.startsWith('00')) {
    throw new PerigeeError('BLOB_VERSION', `blob ${text} has version ${Number.parseInt(text.slice(0, 2), 16)}; only 0 is known`);
  }
  return text;
}
