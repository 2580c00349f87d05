/** X.509 certificates (RFC 5280 §4.1), as far as hardware vendors use them. */
import { equal, MAX_CERTIFICATE_BYTES, toHex } from '@perigee/wire';
import { publicKeyOf, signatureAlgorithmOf } from './algorithm.ts';
import { malformed, refuse, tooLarge } from './code.ts';
import type { PublicKey } from './crypto.ts';
import { badDer, children, contextTag, type Der, readDer, sequence, TAG, tagged } from './der.ts';
import { bitBytesOf, booleanOf, flagsOf, smallOf, timeOf, unsignedOf } from './der-values.ts';
import { type Extensions, extensionsOf } from './extensions.ts';
import type { RsaForms } from './rsa.ts';
import type { SignedBytes } from './signature.ts';

/** A certificate that was read; nothing of it was verified. */
export interface Certificate extends SignedBytes {
  readonly der: Uint8Array;
  /** Hexadecimal, without leading zeros. */
  readonly serial: string;
  /** DER of the names. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Seconds since 1970; both ends are inside. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly key: PublicKey;
  readonly isCa: boolean;
  /** Certificates of issuers that may follow below this one; `undefined` for no bound. */
  readonly pathLength: number | undefined;
  /** Bits of KeyUsage, bit 0 highest of 16; `undefined` where the certificate does not restrict its key. */
  readonly keyUsage: number | undefined;
  readonly extensions: Extensions;
}

export interface CertificateOptions {
  /** Critical extensions that the caller acts on. */
  readonly understood?: readonly string[];
  /** Where keys of RSA are taken. */
  readonly rsa?: RsaForms | undefined;
}

/** Bits of KeyUsage (RFC 5280 §4.2.1.3), as `flagsOf` places them. */
export const KEY_USAGE = { digitalSignature: 0x8000, certSign: 0x0400, crlSign: 0x0200 } as const;

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE_ID = '2.5.29.15';
const UNDERSTOOD = [BASIC_CONSTRAINTS, KEY_USAGE_ID];
const VERSION_3 = 2;

/**
 * @throws ATTESTATION (DER, CERTIFICATE, KEY, ALGORITHM, CRITICAL_EXTENSION, TRAILING_BYTES, TOO_LARGE)
 */
export function readCertificate(der: Uint8Array, { understood = [], rsa }: CertificateOptions = {}): Certificate {
  if (der.length > MAX_CERTIFICATE_BYTES) throw tooLarge('a certificate');
  const { tbs, algorithm, signature } = readSigned(der);
  const [version, serial, inner, issuer, validity, subject, key, ...rest] = children(tbs);
  const [extensionsElement, ...more] = rest;
  if (!isVersion3(version) || inner === undefined || key === undefined || more.length > 0) {
    throw malformed('CERTIFICATE', 'a certificate');
  }
  if (!equal(inner.raw, algorithm.raw)) throw refuse('ALGORITHM', 'a certificate names two signature algorithms');
  const extensions = extensionsElement === undefined ? new Map() : extensionsIn(extensionsElement, understood);
  const [notBefore, notAfter, ...others] = sequence(validity).map(timeOf);
  if (notBefore === undefined || notAfter === undefined || others.length > 0) throw malformed('CERTIFICATE', 'a certificate');
  return {
    der,
    signed: tbs.raw,
    algorithm: signatureAlgorithmOf(algorithm, rsa),
    signature,
    serial: toHex(unsignedOf(serial)),
    issuer: tagged(issuer, TAG.sequence).raw,
    subject: tagged(subject, TAG.sequence).raw,
    notBefore,
    notAfter,
    key: publicKeyOf(key, rsa),
    ...constraintsOf(extensions.get(BASIC_CONSTRAINTS)),
    keyUsage: usageOf(extensions.get(KEY_USAGE_ID)),
    extensions,
  };
}

/** The three parts of a signed document: certificates and revocation lists. */
export function readSigned(der: Uint8Array): { readonly tbs: Der; readonly algorithm: Der; readonly signature: Uint8Array } {
  const [tbs, algorithm, signature, ...more] = sequence(readDer(der));
  if (algorithm === undefined || more.length > 0) throw badDer('no three parts');
  return { tbs: tagged(tbs, TAG.sequence), algorithm, signature: bitBytesOf(signature) };
}

function isVersion3(element: Der | undefined): boolean {
  if (element?.tag !== contextTag(0)) return false;
  const [version, ...more] = children(element);
  return more.length === 0 && smallOf(version) === VERSION_3;
}

function extensionsIn(element: Der, alsoUnderstood: readonly string[]): Extensions {
  const [list, ...more] = children(tagged(element, contextTag(3)));
  if (more.length > 0) throw malformed('CERTIFICATE', 'a certificate');
  return extensionsOf(list, new Set([...UNDERSTOOD, ...alsoUnderstood]));
}

function constraintsOf(extension: Uint8Array | undefined): Pick<Certificate, 'isCa' | 'pathLength'> {
  const parts = extension === undefined ? [] : sequence(readDer(extension));
  const isCa = parts[0]?.tag === TAG.boolean && booleanOf(parts[0]);
  const [pathLength, ...more] = isCa ? parts.slice(1) : parts;
  if (more.length > 0 || (pathLength !== undefined && !isCa)) throw malformed('CERTIFICATE', 'a certificate');
  return { isCa, pathLength: pathLength === undefined ? undefined : smallOf(pathLength) };
}

function usageOf(extension: Uint8Array | undefined): number | undefined {
  return extension === undefined ? undefined : flagsOf(readDer(extension));
}
