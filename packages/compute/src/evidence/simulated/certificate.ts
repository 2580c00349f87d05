import { sha1 } from '@noble/hashes/legacy.js';
import { toBase64 } from '@perigee/wire';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der-writer.ts';
import type { SigningKey } from './signing-key.ts';

/** A distinguished name: attribute's object id and text, in order. */
export type Name = readonly (readonly [oid: string, text: string])[];

export const COMMON_NAME = '2.5.4.3';
export const COUNTRY = '2.5.4.6';
export const LOCALITY = '2.5.4.7';
export const STATE = '2.5.4.8';
export const ORGANISATION = '2.5.4.10';
export const UNIT = '2.5.4.11';

/** One extension; `value` is what the octet string holds. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** All that a certificate says, and who signs it. Bad evidence is made by changing these before they are signed. */
export interface CertificateFields {
  /** 2 is version 3. */
  readonly version: number;
  readonly serial: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  /** Seconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly extensions: readonly Extension[];
  readonly signer: SigningKey;
}

/** A change of what is about to be signed. */
export type Change<Fields> = (fields: Fields) => Fields;

/** An X.509 certificate (RFC 5280 §4.1), DER. */
export function writeCertificate(fields: CertificateFields): Uint8Array {
  const { algorithm } = fields.signer;
  const body = sequence(
    ...(fields.version === 0 ? [] : [explicit(0, integer(fields.version))]),
    integer(fields.serial),
    algorithm,
    writeName(fields.issuer),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    writeName(fields.subject),
    fields.spki,
    ...(fields.extensions.length === 0 ? [] : [explicit(3, sequence(...fields.extensions.map(writeExtension)))]),
  );
  return sequence(body, algorithm, bitString(fields.signer.sign(body)));
}

export function writeName(name: Name): Uint8Array {
  return sequence(...name.map(([oid, text]) => set(sequence(objectId(oid), utf8String(text)))));
}

export function writeExtension({ oid, critical, value }: Extension): Uint8Array {
  return sequence(objectId(oid), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** RFC 5280 §4.2.1.9; an end entity says nothing in it. */
export function basicConstraints(isAuthority: boolean, pathLength?: number): Extension {
  const length = pathLength === undefined ? [] : [integer(pathLength)];
  return { oid: '2.5.29.19', critical: true, value: isAuthority ? sequence(boolean(true), ...length) : sequence() };
}

/** Bits of RFC 5280 §4.2.1.3, most significant first. */
const USAGE = { sign: { bits: 0xc0, unused: 6 }, certify: { bits: 0x06, unused: 1 } } as const;

/** `sign`: digitalSignature and nonRepudiation; `certify`: keyCertSign and cRLSign. */
export function keyUsage(use: keyof typeof USAGE): Extension {
  const { bits, unused } = USAGE[use];
  return { oid: '2.5.29.15', critical: true, value: bitString(Uint8Array.of(bits), unused) };
}

/** RFC 5280 §4.2.1.2, method 1 over the whole SubjectPublicKeyInfo: it needs only to be distinct. */
function subjectKeyId(spki: Uint8Array): Extension {
  return { oid: '2.5.29.14', critical: false, value: octetString(sha1(spki)) };
}

function authorityKeyId(spki: Uint8Array): Extension {
  return { oid: '2.5.29.35', critical: false, value: sequence(implicit(0, sha1(spki))) };
}

/** The extensions of an authority, and of an end entity, as vendors have them. */
export function authorityExtensions(own: Uint8Array, above: Uint8Array, pathLength?: number): readonly Extension[] {
  return [authorityKeyId(above), subjectKeyId(own), keyUsage('certify'), basicConstraints(true, pathLength)];
}

export function entityExtensions(own: Uint8Array, above: Uint8Array): readonly Extension[] {
  return [authorityKeyId(above), subjectKeyId(own), keyUsage('sign'), basicConstraints(false)];
}

/** PEM of certificates, one after the other. */
export function pemOf(...certificates: readonly Uint8Array[]): string {
  return certificates
    .map((der) => {
      const lines = toBase64(der).match(/.{1,64}/g) ?? [];
      return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
    })
    .join('');
}
