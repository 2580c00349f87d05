/** Certificate revocation lists (RFC 5280 §5). A list that cannot be read, or is not authentic, or is late, is no list: what it would have said counts as unknown. */
import { equal, MAX_CRL_BYTES, MAX_REVOKED_CERTIFICATES, toHex } from '@perigee/wire';
import { signatureAlgorithmOf } from './algorithm.ts';
import { refuse, unchecked } from './code.ts';
import type { AttestCrypto } from './crypto.ts';
import { children, contextTag, type Der, readDer, sequence, TAG, tagged } from './der.ts';
import { smallOf, timeOf, unsignedOf } from './der-values.ts';
import { extensionsOf } from './extensions.ts';
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
 * @throws ATTESTATION (CRL, SIGNATURE, NOT_YET_VALID, EXPIRED, CRITICAL_EXTENSION and what reading throws); `notChecked` with COLLATERAL_MISSING
 */
export async function verifyCrl(
  der: Uint8Array | undefined,
  issuer: Certificate,
  primitives: AttestCrypto,
  time: number,
  what: string,
): Promise<Crl> {
  if (der === undefined) throw unchecked('COLLATERAL_MISSING', `The ${what} revocation list is missing`);
  if (der.length > MAX_CRL_BYTES)
    throw refuse('TOO_LARGE', `The ${what} revocation list has ${der.length} bytes; at most ${MAX_CRL_BYTES} are read`);
  if (issuer.keyUsage !== undefined && (issuer.keyUsage & KEY_USAGE.crlSign) === 0) {
    throw refuse('CHAIN_KEY_USAGE', `The issuer of the ${what} revocation list must not sign any`);
  }
  const { tbs, algorithm, signature } = readSigned(der);
  const parts = children(tbs);
  const [version, inner, name, thisUpdateElement, nextUpdateElement, ...rest] = parts;
  if (version?.tag !== TAG.integer || smallOf(version) !== VERSION_2 || inner === undefined || !equal(inner.raw, algorithm.raw)) {
    throw refuse('CRL', `The ${what} revocation list is not of version 2, or names two signature algorithms`);
  }
  if (!equal(tagged(name, TAG.sequence).raw, issuer.subject))
    throw refuse('CRL', `The ${what} revocation list is of another issuer`);
  const [thisUpdate, nextUpdate] = [timeOf(thisUpdateElement), timeOf(nextUpdateElement)];
  const [entries, extensionsElement, ...more] = rest[0]?.tag === TAG.sequence ? rest : [undefined, ...rest];
  if (more.length > 0) throw refuse('CRL', `The ${what} revocation list has more parts than it may have`);
  const [list, ...others] = children(tagged(extensionsElement, contextTag(0)));
  const extensions = extensionsOf(list, new Set([CRL_NUMBER]));
  const numberBytes = extensions.get(CRL_NUMBER);
  if (numberBytes === undefined || others.length > 0) throw refuse('CRL', `The ${what} revocation list has no number`);
  await checkSignature(
    primitives,
    issuer.key,
    { signed: tbs.raw, algorithm: signatureAlgorithmOf(algorithm), signature },
    `the ${what} revocation list`,
  );
  checkPeriod(thisUpdate, nextUpdate, time, `the ${what} revocation list`);
  return {
    number: smallOf(readDer(numberBytes)),
    thisUpdate,
    nextUpdate,
    revoked: entries === undefined ? NOTHING : revokedIn(entries),
  };
}

/** @throws ATTESTATION (REVOKED) */
export function checkNotRevoked(crl: Crl, { serial }: Certificate, what: string): void {
  if (crl.revoked.has(serial)) throw refuse('REVOKED', `${what} with serial number ${serial} is revoked`);
}

function revokedIn(entries: Der): ReadonlySet<string> {
  const revoked = new Set<string>();
  for (const entry of sequence(entries)) {
    if (revoked.size >= MAX_REVOKED_CERTIFICATES)
      throw refuse('TOO_LARGE', `a revocation list names more than ${MAX_REVOKED_CERTIFICATES} certificates`);
    const [serial, date, extensions, ...more] = sequence(entry);
    if (more.length > 0) throw refuse('CRL', 'an entry of a revocation list is malformed');
    timeOf(date);
    // a critical one would say that the entry is of another issuer
    if (extensions !== undefined) extensionsOf(extensions, NOTHING);
    revoked.add(toHex(unsignedOf(serial)));
  }
  return revoked;
}
