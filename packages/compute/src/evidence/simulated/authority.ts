import {
  authorityExtensions,
  type CertificateFields,
  type Change,
  type Extension,
  entityExtensions,
  type Name,
  writeCertificate,
} from './certificate.ts';
import { seeded } from './seed.ts';
import type { SigningKey } from './signing-key.ts';

/** 2020-01-01 and 2049-12-31: what certifies does not depend on a clock, so that a development genesis can name its roots. */
const SINCE = 1_577_836_800;
const UNTIL = 2_524_521_600;

/** Makes the thing as it should be, or as somebody wants it before it is signed. */
export function applied<Fields>(change: Change<Fields> | undefined, fields: Fields): Fields {
  return change === undefined ? fields : change(fields);
}

/** One place in a chain of certificates. */
export interface Place {
  readonly key: Pick<SigningKey, 'spki'>;
  readonly name: Name;
  /** Who signs, itself for a root. */
  readonly issuer: { readonly key: SigningKey; readonly name: Name };
  /** An authority, and how many may follow below; an end entity without. */
  readonly authority?: { readonly pathLength?: number };
  /** Beside the usual ones. */
  readonly extensions?: readonly Extension[];
}

/**
 * The certificate of a place in a chain.
 *
 * @param label gives its serial number, with the seed
 */
export function certify(
  seed: Uint8Array,
  label: string,
  place: Place,
  change: Change<CertificateFields> | undefined,
): Uint8Array {
  const { key, name, issuer, authority, extensions = [] } = place;
  const usual =
    authority === undefined
      ? entityExtensions(key.spki, issuer.key.spki)
      : authorityExtensions(key.spki, issuer.key.spki, authority.pathLength);
  const serial = seeded(seed, `${label}/serial`, 16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40; // positive, and as long in every encoding
  return writeCertificate(
    applied(change, {
      version: 2,
      serial,
      issuer: issuer.name,
      subject: name,
      notBefore: SINCE,
      notAfter: UNTIL,
      spki: key.spki,
      extensions: [...usual, ...extensions],
      signer: issuer.key,
    }),
  );
}
