import { p256, p384, p521 } from '@noble/curves/nist.js';
import { bitString, objectId, sequence } from './der-writer.ts';
import { remembered } from './remembered.ts';
import { seeded } from './seed.ts';

/** What certifies: the keys of the simulated authorities. */
export interface SigningKey {
  /** AlgorithmIdentifier of its signatures, DER. */
  readonly algorithm: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /** A signature in the form that certificates have it, without the bit string around it. */
  sign(message: Uint8Array): Uint8Array;
}

export type CurveName = 'P-256' | 'P-384' | 'P-521';

/** A key on one of NIST's curves. Its signatures are those of RFC 6979, so that the same input gives the same bytes. */
export interface CurveKey extends SigningKey {
  readonly curve: CurveName;
  /** Uncompressed: 04, x, y. */
  readonly publicKey: Uint8Array;
  /** r and s, big-endian, as wide as the curve. */
  signCompact(message: Uint8Array): Uint8Array;
}

const EC_PUBLIC_KEY = objectId('1.2.840.10045.2.1');
const CURVES = {
  'P-256': { curve: p256, oid: '1.2.840.10045.3.1.7', signature: '1.2.840.10045.4.3.2' },
  'P-384': { curve: p384, oid: '1.3.132.0.34', signature: '1.2.840.10045.4.3.3' },
  'P-521': { curve: p521, oid: '1.3.132.0.35', signature: '1.2.840.10045.4.3.4' },
} as const;

/** Of one key; one simulation makes some dozen. */
const REMEMBERED_SIGNATURES = 64;
const REMEMBERED_KEYS = 64;

/** The key that a seed gives for a purpose. Each curve signs the hash of its strength: SHA-256, SHA-384, SHA-512. */
export function curveKey(seed: Uint8Array, label: string, name: CurveName): CurveKey {
  return keyOf[name](seeded(seed, `${label}/${name}`, CURVES[name].curve.lengths.seed ?? 0));
}

const keyOf: Readonly<Record<CurveName, (seed: Uint8Array) => CurveKey>> = {
  'P-256': remembered(REMEMBERED_KEYS, (seed) => keyFrom(seed, 'P-256')),
  'P-384': remembered(REMEMBERED_KEYS, (seed) => keyFrom(seed, 'P-384')),
  'P-521': remembered(REMEMBERED_KEYS, (seed) => keyFrom(seed, 'P-521')),
};

function keyFrom(seed: Uint8Array, name: CurveName): CurveKey {
  const { curve, oid, signature } = CURVES[name];
  const { secretKey } = curve.keygen(seed);
  const signIn = (format: 'der' | 'compact') =>
    remembered(REMEMBERED_SIGNATURES, (message) => curve.sign(message, secretKey, { lowS: false, format }));
  const [signDer, signCompact] = [signIn('der'), signIn('compact')];
  const publicKey = curve.getPublicKey(secretKey, false);
  return {
    curve: name,
    publicKey,
    algorithm: sequence(objectId(signature)),
    spki: sequence(sequence(EC_PUBLIC_KEY, objectId(oid)), bitString(publicKey)),
    sign: (message) => signDer(message).slice(),
    signCompact: (message) => signCompact(message).slice(),
  };
}
