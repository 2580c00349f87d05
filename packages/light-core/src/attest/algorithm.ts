import { malformed, refuse } from './code.ts';
import type { Curve, PublicKey } from './crypto.ts';
import { type Der, sequence } from './der.ts';
import { bitBytesOf, oidOf } from './der-values.ts';
import { CURVE_BYTES } from './ecdsa-form.ts';
import type { RsaForms } from './rsa.ts';
import type { SignatureAlgorithm } from './signature.ts';

const ECDSA: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.10045.4.3.2': 'ecdsa-sha256',
  '1.2.840.10045.4.3.3': 'ecdsa-sha384',
};
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const CURVES: Readonly<Record<string, Curve>> = { '1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.34': 'P-384' };

/** @throws ATTESTATION (ALGORITHM) for any but those that vendors use */
export function signatureAlgorithmOf(element: Der, rsa: RsaForms | undefined): SignatureAlgorithm {
  const [id, parameters, ...more] = sequence(element);
  const name = oidOf(id);
  const algorithm = rsa?.algorithmOf(name, parameters) ?? (parameters === undefined ? ECDSA[name] : undefined);
  if (algorithm === undefined || more.length > 0) throw refuse('ALGORITHM', `signature algorithm ${name} is not taken`);
  return algorithm;
}

/** @throws ATTESTATION (KEY) for any but uncompressed points of P-256 and P-384, and RSA where it is passed in */
export function publicKeyOf(element: Der, rsa: RsaForms | undefined): PublicKey {
  const [algorithm, key, ...more] = sequence(element);
  const [id, parameters, ...rest] = sequence(algorithm);
  const [name, bytes] = [oidOf(id), bitBytesOf(key)];
  const isEc = name === EC_PUBLIC_KEY;
  const read = isEc
    ? ({ type: curveOf(parameters, bytes), point: bytes } as const)
    : rsa?.keyOf(element.raw, name, parameters, bytes);
  if (read === undefined || more.length > 0 || rest.length > 0) throw refuse('KEY', `public key algorithm ${name} is not taken`);
  return read;
}

function curveOf(parameters: Der | undefined, point: Uint8Array): Curve {
  const name = oidOf(parameters);
  const curve = CURVES[name];
  if (curve === undefined) throw refuse('KEY', `curve ${name} is not taken`);
  if (point[0] !== 4 || point.length !== 1 + 2 * CURVE_BYTES[curve]) throw malformed('KEY', `a key on ${curve}`);
  return curve;
}
