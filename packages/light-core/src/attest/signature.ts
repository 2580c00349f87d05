import { refuse } from './code.ts';
import type { AttestCrypto, PublicKey } from './crypto.ts';
import { badDer, readDer, sequence, TAG } from './der.ts';
import { unsignedOf } from './der-values.ts';
import { CURVE_BYTES } from './ecdsa-form.ts';

/** How a certificate or list is signed. */
export type SignatureAlgorithm = 'ecdsa-sha256' | 'ecdsa-sha384' | 'rsa-pss-sha384';

/** The one kind of key that makes signatures of an algorithm: with another, the same bytes would mean something else. */
const KEY_OF: Readonly<Record<SignatureAlgorithm, PublicKey['type']>> = {
  'ecdsa-sha256': 'P-256',
  'ecdsa-sha384': 'P-384',
  'rsa-pss-sha384': 'RSA',
};

/** Bytes that someone signed, as certificates and lists have them. */
export interface SignedBytes {
  readonly signed: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  /** ECDSA: DER of r and s; RSA: as long as the modulus. */
  readonly signature: Uint8Array;
}

/**
 * @param what is signed by whom, for the sentence
 * @throws ATTESTATION (SIGNATURE, ALGORITHM, DER)
 */
export async function checkSignature(
  primitives: AttestCrypto,
  key: PublicKey,
  { signed, algorithm, signature }: SignedBytes,
  what: string,
): Promise<void> {
  if (key.type !== KEY_OF[algorithm])
    throw refuse('ALGORITHM', `${what} is signed with ${algorithm}, but by a key of ${key.type}`);
  const isRight =
    key.type === 'RSA'
      ? await primitives.verifyRsaPss(key, signed, signature)
      : await primitives.verifyEcdsa(key, signed, rawEcdsa(signature, CURVE_BYTES[key.type]));
  if (!isRight) throw refuse('SIGNATURE', `the signature of ${what} is wrong`);
}

/** DER of r and s as r ‖ s. */
function rawEcdsa(der: Uint8Array, bytes: number): Uint8Array {
  const [r, s, ...more] = sequence(readDer(der, TAG.sequence)).map(unsignedOf);
  if (r === undefined || s === undefined || more.length > 0 || r.length > bytes || s.length > bytes) {
    throw badDer('a bad signature');
  }
  const raw = new Uint8Array(2 * bytes);
  raw.set(r, bytes - r.length);
  raw.set(s, 2 * bytes - s.length);
  return raw;
}
