import { type Extension, type Name, writeExtension, writeName } from './certificate.ts';
import { bitString, explicit, integer, sequence, time } from './der-writer.ts';
import type { SigningKey } from './signing-key.ts';

/** All that a revocation list says, and who signs it. */
export interface RevocationListFields {
  readonly issuer: Name;
  /** Seconds since 1970. */
  readonly thisUpdate: number;
  /** `undefined` leaves it out. */
  readonly nextUpdate: number | undefined;
  readonly revoked: readonly { readonly serial: Uint8Array; readonly at: number }[];
  /** CRL number (RFC 5280 §5.2.3); `undefined` leaves it out. */
  readonly number: number | undefined;
  /** Beside the number. */
  readonly extensions: readonly Extension[];
  readonly signer: SigningKey;
}

/** A certificate revocation list (RFC 5280 §5.1), DER. */
export function writeRevocationList(fields: RevocationListFields): Uint8Array {
  const { algorithm } = fields.signer;
  const entries = fields.revoked.map(({ serial, at }) => sequence(integer(serial), time(at)));
  const number: Extension[] =
    fields.number === undefined ? [] : [{ oid: '2.5.29.20', critical: false, value: integer(fields.number) }];
  const extensions = [...fields.extensions, ...number];
  const body = sequence(
    integer(1),
    algorithm,
    writeName(fields.issuer),
    time(fields.thisUpdate),
    ...(fields.nextUpdate === undefined ? [] : [time(fields.nextUpdate)]),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    ...(extensions.length === 0 ? [] : [explicit(0, sequence(...extensions.map(writeExtension)))]),
  );
  return sequence(body, algorithm, bitString(fields.signer.sign(body)));
}
