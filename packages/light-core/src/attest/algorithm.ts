import { toHex } from '@perigee/wire';
import { refuse } from './code.ts';
import type { Curve, PublicKey } from './crypto.ts';
import { type Der, readDer, sequence, TAG } from './der.ts';
import { bitBytesOf, oidOf, smallOf, unsignedOf } from './der-values.ts';
import { CURVE_BYTES, isRsaModulus } from './ecdsa-form.ts';
import type { SignatureAlgorithm } from './signature.ts';

/**
 * Content of the parameters of RSASSA-PSS (RFC 4055 §3.1) for SHA-384, MGF1 over SHA-384 and 48 bytes of salt. AMD writes the trailer field, although it
 * is the default; both forms are taken.
 */
const PSS_SHA384 = 'a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130';
const PSS_PARAMETERS = new Set([PSS_SHA384, `${PSS_SHA384}a303020101`]);

const ECDSA: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.10045.4.3.2': 'ecdsa-sha256',
  '1.2.840.10045.4.3.3': 'ecdsa-sha384',
};
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const CURVES: Readonly<Record<string, Curve>> = { '1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.34': 'P-384' };
const EXPONENT = 65_537;

/** @throws ATTESTATION (ALGORITHM) for any but the three that vendors use */
export function signatureAlgorithmOf(element: Der): SignatureAlgorithm {
  const [id, parameters, ...more] = sequence(element);
  const name = oidOf(id);
  const ecdsa = ECDSA[name];
  if (ecdsa !== undefined && parameters === undefined) return ecdsa;
  const isPss = name === RSASSA_PSS && parameters?.tag === TAG.sequence && PSS_PARAMETERS.has(toHex(parameters.value));
  if (isPss && more.length === 0) return 'rsa-pss-sha384';
  throw refuse('ALGORITHM', `signature algorithm ${name} with these parameters is not one that vendors use`);
}

/** @throws ATTESTATION (KEY) for any but uncompressed points of P-256 and P-384, and RSA with exponent 65537 */
export function publicKeyOf(element: Der): PublicKey {
  const [algorithm, key, ...more] = sequence(element);
  const [id, parameters, ...rest] = sequence(algorithm);
  if (more.length > 0 || rest.length > 0) throw refuse('KEY', 'a public key has more parts than it may have');
  const bytes = bitBytesOf(key);
  const name = oidOf(id);
  if (name === EC_PUBLIC_KEY) return { type: curveOf(parameters, bytes), point: bytes };
  if (name === RSA_ENCRYPTION && parameters?.tag === TAG.null && parameters.value.length === 0) {
    const [modulus, exponent, ...others] = sequence(readDer(bytes, TAG.sequence));
    const type = 'RSA';
    const key = { type, modulus: unsignedOf(modulus) } as const;
    if (others.length === 0 && smallOf(exponent) === EXPONENT && isRsaModulus(key.modulus)) return key;
    throw refuse('KEY', 'an RSA key has another exponent than 65537, or not 2048 to 4096 bits');
  }
  throw refuse('KEY', `public key algorithm ${name} is not one that vendors use`);
}

function curveOf(parameters: Der | undefined, point: Uint8Array): Curve {
  const name = oidOf(parameters);
  const curve = CURVES[name];
  if (curve === undefined) throw refuse('KEY', `curve ${name} is neither P-256 nor P-384`);
  if (point[0] !== 4 || point.length !== 1 + 2 * CURVE_BYTES[curve])
    throw refuse('KEY', `a key on ${curve} is not an uncompressed point`);
  return curve;
}
