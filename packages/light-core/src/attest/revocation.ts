import type { Context } from './context.ts';
import { checkNotRevoked, verifyCrl } from './crl.ts';
import { checkFloors } from './floors.ts';
import type { RsaForms } from './rsa.ts';
import type { Certificate } from './x509.ts';

export interface RevocationOptions {
  readonly list: Uint8Array | undefined;
  /** Verified. */
  readonly issuer: Certificate;
  readonly subject: Certificate;
  /** Under which the list's number is kept, such as `amd/Milan/vcek/crl`. */
  readonly name: string;
  /** For sentences. */
  readonly what: string;
  /** Where the issuer's key is one of RSA. */
  readonly rsa?: RsaForms;
}

/**
 * Whether a list that its issuer signed, that is in force and that is not older than one seen before leaves a certificate out.
 *
 * @returns number of the list
 * @throws refusals CRL, SIGNATURE, EXPIRED, ROLLBACK, REVOKED and what reading throws; `notChecked` COLLATERAL_MISSING
 */
export async function checkRevocation(
  { list, issuer, subject, name, what, rsa }: RevocationOptions,
  { crypto: primitives, time, floors }: Pick<Context<unknown>, 'crypto' | 'time' | 'floors'>,
): Promise<number> {
  const crl = await verifyCrl(list, issuer, primitives, time, `the ${what} revocation list`, rsa);
  checkFloors({ [name]: crl.number }, floors);
  checkNotRevoked(crl, subject, `The ${what} certificate`);
  return crl.number;
}
