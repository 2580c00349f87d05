/** What an encrypted file begins with: versions 1 and 2 are those of 0G's clients, version 3 is ours (docs/storage.md). */
import { concat, MAX_FILE_BYTES, PerigeeError, u8, u64be } from '@perigee/wire';

const NONCE = 16;
const POINT = 33;
const SALT = 32;
const CHECK = 32;

/**
 * 1: AES-256-CTR under the reader's key. 2: the same under a key agreed with the reader's public key. 3: AES-256-GCM of each segment, under a key made
 * of either.
 */
export type SealedHeader =
  | { readonly version: 1; readonly nonce: Uint8Array }
  | { readonly version: 2; readonly ephemeral: Uint8Array; readonly nonce: Uint8Array }
  | {
      readonly version: 3;
      /** Public key that was made for this file, 33 bytes; none under a key that the reader has. */
      readonly ephemeral: Uint8Array | undefined;
      readonly salt: Uint8Array;
      /** Of the content, bytes. */
      readonly length: number;
      /** Follows from the key: says that a key is the wrong one, and that there is only one right one. */
      readonly check: Uint8Array;
    };

/** Longest header, bytes. */
export const MAX_SEALED_HEADER_BYTES = 2 + POINT + SALT + 8 + CHECK;

/** Bytes of a header. */
export function sealedHeaderBytes(header: SealedHeader): number {
  if (header.version === 1) return 1 + NONCE;
  if (header.version === 2) return 1 + POINT + NONCE;
  return 2 + (header.ephemeral === undefined ? 0 : POINT) + SALT + 8 + CHECK;
}

export function formatSealedHeader(header: SealedHeader): Uint8Array {
  if (header.version === 1) return concat(u8(1), header.nonce);
  if (header.version === 2) return concat(u8(2), header.ephemeral, header.nonce);
  const { ephemeral, salt, length, check } = header;
  return concat(u8(3), u8(ephemeral === undefined ? 0 : 1), ephemeral ?? new Uint8Array(0), salt, u64be(length), check);
}

/**
 * @param start of the file, MAX_SEALED_HEADER_BYTES of it or all
 * @throws SEALED when it does not begin as an encrypted file does
 */
export function parseSealedHeader(start: Uint8Array): SealedHeader {
  let at = 1;
  const take = (count: number): Uint8Array => {
    if (at + count > start.length) throw bad('it ends inside of its header');
    at += count;
    return start.slice(at - count, at);
  };
  const [version] = start;
  if (version === 1) return { version, nonce: take(NONCE) };
  if (version === 2) return { version, ephemeral: take(POINT), nonce: take(NONCE) };
  if (version !== 3) throw bad(`it begins with ${version ?? 'nothing'}, and no version of encryption does`);
  const [mode = 0] = take(1);
  if (mode > 1) throw bad(`it has mode ${mode}`);
  const ephemeral = mode === 1 ? take(POINT) : undefined;
  const salt = take(SALT);
  const length = take(8);
  const bytes = new DataView(length.buffer).getBigUint64(0);
  if (bytes > BigInt(MAX_FILE_BYTES)) throw bad(`it says that it has ${bytes} bytes`);
  return { version, ephemeral, salt, length: Number(bytes), check: take(CHECK) };
}

function bad(why: string): PerigeeError {
  return new PerigeeError('SEALED', `this is no encrypted file: ${why}; get it as it is, without a key`);
}
