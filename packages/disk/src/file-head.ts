/**
 * What a file begins with that describes itself, so that a lost index is made anew from the files:
 *
 * ```
 * magic ‖ u32le length ‖ header ‖ checksum('header')
 * ```
 */
import { concat, equal, type Message, PerigeeError, u32le, utf8 } from '@perigee/wire';
import { CHECKSUM_BYTES, checksum } from './checksum.ts';
import type { DataFile } from './data-file.ts';

/** A kind of file. */
export interface FileFormat<H> {
  /** Carries the version: a name, two digits and a line feed. */
  readonly magic: string;
  /** What is in it, for errors: rows. */
  readonly what: string;
  readonly header: Message<H>;
  /** Bounds what is read of a damaged file. */
  readonly maxHeaderBytes: number;
}

/** @returns the bytes that a file begins with; the last CHECKSUM_BYTES are the header's checksum */
export function encodeHead<H>({ magic, header: type }: FileFormat<H>, header: H): Uint8Array {
  const encoded = type.encode(header);
  return concat(utf8(magic), u32le(encoded.length), encoded, checksum('header', encoded));
}

/** @throws STORE_VERSION, STORE_CORRUPT, PARSE, INTERNAL */
export async function readHead<H>(format: FileFormat<H>, file: DataFile): Promise<H> {
  const { magic, what, header, maxHeaderBytes } = format;
  const prefix = await file.read(magic.length + 4, 0);
  checkMagic(format, prefix);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(magic.length, true);
  if (length > maxHeaderBytes) throw new PerigeeError('STORE_CORRUPT', `file of ${what} announces a header of ${length} bytes`);
  const bytes = await file.read(length + CHECKSUM_BYTES, prefix.length);
  const encoded = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!equal(bytes.subarray(-CHECKSUM_BYTES), checksum('header', encoded))) {
    throw new PerigeeError('STORE_CORRUPT', `header of a file of ${what} fails its checksum`);
  }
  return header.decode(encoded);
}

/**
 * @param bytes what the file begins with: magic and length, or more
 * @throws STORE_CORRUPT when it is another kind of file, or shorter; STORE_VERSION
 */
export function checkMagic({ magic, what }: Pick<FileFormat<never>, 'magic' | 'what'>, bytes: Uint8Array): void {
  const due = utf8(magic);
  const name = due.length - 3;
  if (bytes.length < due.length + 4 || !equal(bytes.subarray(0, name), due.subarray(0, name))) {
    throw new PerigeeError('STORE_CORRUPT', `not a file of ${what}`);
  }
  if (!equal(bytes.subarray(0, due.length), due)) {
    throw new PerigeeError('STORE_VERSION', `file of ${what} has another version: a newer program wrote it`);
  }
}
