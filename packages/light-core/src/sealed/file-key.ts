import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { PerigeeError, utf8 } from '@perigee/wire';
import type { SealedHeader } from './sealed-header.ts';

const V2_INFO = utf8('0g-storage-client/ecies/v1/aes-256');
const V3_INFO = utf8('perigee/sealed/v3');

/** What a reader has: a key of 32 bytes that the writer has too, or a secret key of secp256k1, whose public key the writer has. */
export type FileSecret = { readonly shared: Uint8Array } | { readonly secret: Uint8Array };

/** Public key of a secret one, 33 bytes. */
export function recipientOf(secret: Uint8Array): Uint8Array {
  return secp256k1.getPublicKey(secret, true);
}

/**
 * Agrees with a reader on a key, from the writer's side.
 *
 * @param recipient public key, 33 or 65 bytes
 * @param secret of a key that is made for one file, 32 bytes
 * @throws INVALID_ARGUMENT when it is no public key
 */
export function newAgreement(
  recipient: Uint8Array,
  secret: Uint8Array,
): { readonly ephemeral: Uint8Array; readonly agreed: Uint8Array } {
  try {
    return { ephemeral: recipientOf(secret), agreed: agree(secret, recipient) };
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a file is encrypted to a public key of secp256k1, 33 bytes', { cause });
  }
}

/** What the two agreed on, from the reader's side. @throws SEALED when the header names no public key, or the reader has no secret one */
export function agreeWith(header: SealedHeader, secret: FileSecret): Uint8Array {
  const ephemeral = header.version === 1 ? undefined : header.ephemeral;
  if (ephemeral === undefined) {
    if ('shared' in secret) return secret.shared;
    throw new PerigeeError('SEALED', 'this file is encrypted under a key of 32 bytes, not to a public key: name that key');
  }
  if (!('secret' in secret)) {
    throw new PerigeeError('SEALED', 'this file is encrypted to a public key: name the secret key of it');
  }
  try {
    return agree(secret.secret, ephemeral);
  } catch (cause) {
    throw new PerigeeError('SEALED', 'the header of this file names no public key', { cause });
  }
}

/** The key of a file, 32 bytes. @param agreed what writer and reader share */
export function fileKeyOf(
  header: Pick<SealedHeader, 'version'> & { readonly salt?: Uint8Array },
  agreed: Uint8Array,
): Uint8Array {
  if (agreed.length !== 32) throw new PerigeeError('INVALID_ARGUMENT', `a key has 32 bytes, not ${agreed.length}`);
  if (header.version === 1) return agreed;
  if (header.version === 2) return hkdf(sha256, agreed, new Uint8Array(0), V2_INFO, 32);
  return hkdf(sha256, agreed, header.salt, V3_INFO, 64).slice(0, 32);
}

/** What the header of version 3 says of its key, 32 bytes. */
export function sealedCheckOf(salt: Uint8Array, agreed: Uint8Array): Uint8Array {
  return hkdf(sha256, agreed, salt, V3_INFO, 64).slice(32);
}

function agree(secret: Uint8Array, point: Uint8Array): Uint8Array {
  return secp256k1.getSharedSecret(secret, point, true).slice(1);
}
