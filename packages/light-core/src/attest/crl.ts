/** Certificate revocation lists (RFC 5280 §5). A list that cannot be read, or is not authentic, or is late, is no list: what it would have said counts as unknown. */
import { equal, MAX_CRL_BYTES, MAX_REVOKED_CERTIFICATES, toHex } from '@perigee/wire';
import { signatureAlgorithmOf } from './algorithm.ts';
import { malformed, refuse, tooLarge, unchecked } from './code.ts';
import type { AttestCrypto } from './crypto.ts';
import { children, contextTag, type Der, readDer, sequence, TAG, tagged } from './der.ts';
import { smallOf, timeOf, unsignedOf } from './der-values.ts';
import { extensionsOf } from './extensions.ts';
import type { RsaForms } from './rsa.ts';
import { checkSignature } from './signature.ts';
import { checkPeriod } from './time.ts';
import { type Certificate, KEY_USAGE, readSigned } from './x509.ts';

/** A list that was verified. */
export interface Crl {
  /** Rises with each list of an issuer. */
  readonly number: number;
  /** Seconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly revoked: ReadonlySet<string>;
}

const CRL_NUMBER = '2.5.29.20';
const VERSION_2 = 1;
const NOTHING: ReadonlySet<string> = new Set();

/**
 * @param der `undefined` where there is none
 * @param issuer whose list it must be; verified
 * @param time milliseconds since 1970
 * @param list for sentences
 * @param rsa where signatures of RSA are taken
 * @throws ATTESTATION (CRL, SIGNATURE, NOT_YET_VALID, EXPIRED, CRITICAL_EXTENSION and what reading throws); `notChecked` with COLLATERAL_MISSING
 */
export async function verifyCrl(
  der: Uint8Array | undefined,
  issuer: Certificate,
  primitives: AttestCrypto,
  time: number,
  list = 'the revocation list',
  rsa?: RsaForms,
): Promise<Crl> {
  if (der === undefined) throw unchecked('COLLATERAL_MISSING', `${list} is missing`);
  if (der.length > MAX_CRL_BYTES) throw tooLarge(list);
  if (issuer.keyUsage !== undefined && (issuer.keyUsage & KEY_USAGE.crlSign) === 0) {
    throw refuse('CHAIN_KEY_USAGE', `the issuer of ${list} must not sign any`);
  }
  const { tbs, algorithm, signature } = readSigned(der);
  const parts = children(tbs);
  const [version, inner, name, thisUpdateElement, nextUpdateElement, ...rest] = parts;
  if (version?.tag !== TAG.integer || smallOf(version) !== VERSION_2 || inner === undefined || !equal(inner.raw, algorithm.raw)) {
    throw malformed('CRL', list);
  }
  if (!equal(tagged(name, TAG.sequence).raw, issuer.subject)) throw refuse('CRL', `${list} is of another issuer`);
  const [thisUpdate, nextUpdate] = [timeOf(thisUpdateElement), timeOf(nextUpdateElement)];
  const [entries, extensionsElement, ...more] = rest[0]?.tag === TAG.sequence ? rest : [undefined, ...rest];
  if (more.length > 0) throw malformed('CRL', list);
  const [extensionList, ...others] = children(tagged(extensionsElement, contextTag(0)));
  const extensions = extensionsOf(extensionList, new Set([CRL_NUMBER]));
  const numberBytes = extensions.get(CRL_NUMBER);
  if (numberBytes === undefined || others.length > 0) throw malformed('CRL', list);
  await checkSignature(
    primitives,
    issuer.key,
    { signed: tbs.raw, algorithm: signatureAlgorithmOf(algorithm, rsa), signature },
    list,
  );
  checkPeriod(thisUpdate, nextUpdate, time, list);
  return {
    number: smallOf(readDer(numberBytes)),
    thisUpdate,
    nextUpdate,
    revoked: entries === undefined ? NOTHING : revokedIn(entries, list),
  };
}

/** @throws ATTESTATION (REVOKED) */
export function checkNotRevoked(crl: Crl, { serial }: Pick<Certificate, 'serial'>, what = 'the certificate'): void {
  if (crl.revoked.has(serial)) throw refuse('REVOKED', `${what} with serial number ${serial} is revoked`);
}

function revokedIn(entries: Der, list: string): ReadonlySet<string> {
  const revoked = new Set<string>();
  for (const entry of sequence(entries)) {
    if (revoked.size >= MAX_REVOKED_CERTIFICATES) throw tooLarge(list);
    const [serial, date, extensions, ...more] = sequence(entry);
    if (more.length > 0) throw malformed('CRL', list);
    timeOf(date);
    // a critical one would say that the entry is of another issuer
    if (extensions !== undefined) extensionsOf(extensions, NOTHING);
    revoked.add(toHex(unsignedOf(serial)));
  }
  return revoked;
}
