/** Certificates and revocation lists of authorities that the tests make up. */
import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { concat } from '@perigee/wire';
import { bits, flag, integer, octets, oid, sequence, text, tlv, utcTime } from './der.ts';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The time at which minted things are right, milliseconds since 1970. */
export const NOW = Date.UTC(2026, 0, 15, 12);
export const DAY = 86_400_000;

export function p384(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-384' });
}

/** Half as long as AMD's, because making them takes time; real ones are in the tests beside other programs. */
export function rsa(): KeyPair {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

const SHA384 = sequence(oid('2.16.840.1.101.3.4.2.2'), tlv(0x05));
const ECDSA_SHA384 = sequence(oid('1.2.840.10045.4.3.3'));
const PSS_SHA384 = sequence(
  oid('1.2.840.113549.1.1.10'),
  sequence(tlv(0xa0, SHA384), tlv(0xa1, sequence(oid('1.2.840.113549.1.1.8'), SHA384)), tlv(0xa2, integer(48))),
);

function algorithmOf(key: KeyObject): Uint8Array {
  return key.asymmetricKeyType === 'rsa' ? PSS_SHA384 : ECDSA_SHA384;
}

/** The same for the same: noble then need not check one chain in each of a hundred tests (`both.ts`). */
const made = new Map<string, Uint8Array>();

function once(key: KeyObject, message: Uint8Array, form: string, make: () => Buffer): Uint8Array {
  const name = `${form} ${key.export({ type: 'pkcs8', format: 'pem' })} ${Buffer.from(sha('sha384', message)).toString('hex')}`;
  const signature = made.get(name) ?? new Uint8Array(make());
  made.set(name, signature);
  return signature;
}

function signDer(key: KeyObject, message: Uint8Array): Uint8Array {
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
  return once(key, message, 'der', () => sign('sha384', message, key.asymmetricKeyType === 'rsa' ? { key, ...padding } : key));
}

/** r ‖ s of P-384 with SHA-384, 48 bytes each. */
export function signRaw(key: KeyObject, message: Uint8Array): Uint8Array {
  return once(key, message, 'raw', () => sign('sha384', message, { key, dsaEncoding: 'ieee-p1363' })).slice();
}

export interface CertificateFields {
  readonly subject: string;
  readonly issuer: string;
  readonly key: KeyObject;
  readonly signer: KeyObject;
  readonly serial: number;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa: boolean;
  readonly extensions: readonly Uint8Array[];
}

function nameOf(common: string): Uint8Array {
  return sequence(tlv(0x31, sequence(oid('2.5.4.3'), text(0x0c, common))));
}

export function extension(id: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(oid(id), ...(critical ? [flag] : []), octets(value));
}

/** DER of a certificate. */
function certificate(fields: CertificateFields): Uint8Array {
  const algorithm = algorithmOf(fields.signer);
  const authority = [extension('2.5.29.19', sequence(flag), true), extension('2.5.29.15', bits(Uint8Array.of(0x06), 1), true)];
  const extensions = [...(fields.isCa ? authority : []), ...fields.extensions];
  const tbs = sequence(
    tlv(0xa0, integer(2)),
    integer(fields.serial),
    algorithm,
    nameOf(fields.issuer),
    sequence(utcTime(fields.notBefore), utcTime(fields.notAfter)),
    nameOf(fields.subject),
    new Uint8Array(fields.key.export({ type: 'spki', format: 'der' })),
    ...(extensions.length === 0 ? [] : [tlv(0xa3, sequence(...extensions))]),
  );
  return sequence(tbs, algorithm, bits(signDer(fields.signer, tbs)));
}

export interface CrlFields {
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly number: number;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: readonly number[];
}

/** DER of a revocation list. */
export function crl(fields: CrlFields): Uint8Array {
  const algorithm = algorithmOf(fields.signer);
  const entries = fields.revoked.map((serial) => sequence(integer(serial), utcTime(fields.thisUpdate)));
  const tbs = sequence(
    integer(1),
    algorithm,
    nameOf(fields.issuer),
    utcTime(fields.thisUpdate),
    utcTime(fields.nextUpdate),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    tlv(0xa0, sequence(extension('2.5.29.20', integer(fields.number)))),
  );
  return sequence(tbs, algorithm, bits(signDer(fields.signer, tbs)));
}

export interface Link {
  readonly name: string;
  readonly pair: KeyPair;
  readonly extensions?: readonly Uint8Array[];
}

/**
 * A chain of certificates, leaf first, root last; each has its place, counted from the leaf, plus one as its serial number.
 *
 * @param change of one certificate before it is signed, by place
 */
export function chainOf(
  links: readonly Link[],
  change: { readonly [place: number]: Partial<CertificateFields> } = {},
): Uint8Array[] {
  return links.map(({ name, pair, extensions = [] }, place) => {
    const issuer = links[Math.min(place + 1, links.length - 1)] as Link;
    return certificate({
      subject: name,
      issuer: issuer.name,
      key: pair.publicKey,
      signer: issuer.pair.privateKey,
      serial: place + 1,
      notBefore: NOW - 30 * DAY,
      notAfter: NOW + 30 * DAY,
      isCa: place > 0,
      extensions,
      ...change[place],
    });
  });
}

export function pemOf(certificates: readonly Uint8Array[]): Uint8Array {
  const blocks = certificates.map((der) => {
    const lines =
      Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  });
  return new TextEncoder().encode(blocks.join(''));
}

export function sha(name: 'sha256' | 'sha384', ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHash(name)
      .update(concat(...parts))
      .digest(),
  );
}
