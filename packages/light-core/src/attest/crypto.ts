/**
 * What evidence needs of cryptography. There are two implementations, `webCryptoAttest` and `nobleAttest` (its own entry, so that a page need not load it),
 * and they agree on every input: form and ranges are checked by the same code before either is asked.
 */
export interface AttestCrypto {
  /** ECDSA on P-256 over SHA-256, on P-384 over SHA-384. High s is valid, as X.509 has it. @param signature r ‖ s, each as long as a coordinate */
  verifyEcdsa(key: EcKey, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** RSASSA-PSS with SHA-384, MGF1 over SHA-384 and 48 bytes of salt. @param signature as long as the modulus */
  verifyRsaPss(key: RsaKey, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  sha256(message: Uint8Array): Promise<Uint8Array>;
  sha384(message: Uint8Array): Promise<Uint8Array>;
  sha512(message: Uint8Array): Promise<Uint8Array>;
}

export type Curve = 'P-256' | 'P-384';

/** A point of a curve, uncompressed: 04 ‖ x ‖ y. Whether it lies on the curve is seen when a signature is checked. */
export interface EcKey {
  readonly type: Curve;
  readonly point: Uint8Array;
}

/** An RSA key with exponent 65537. */
export interface RsaKey {
  readonly type: 'RSA';
  /** Big-endian, without leading zeros. */
  readonly modulus: Uint8Array;
  /** The same key as SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

export type PublicKey = EcKey | RsaKey;
