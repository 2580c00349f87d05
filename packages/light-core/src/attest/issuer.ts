import { equal } from '@perigee/wire';
import { refuse } from './code.ts';
import { type Crl, checkNotRevoked } from './crl.ts';
import type { AttestCrypto } from './crypto.ts';
import type { RsaForms } from './rsa.ts';
import { checkSignature } from './signature.ts';
import { checkPeriod } from './time.ts';
import { type Certificate, KEY_USAGE, readCertificate } from './x509.ts';

export interface IssuerOptions {
  readonly primitives: AttestCrypto;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Pinned. */
  readonly root: Certificate;
  /** Of the root; verified. */
  readonly rootCrl: Crl;
  readonly rsa?: RsaForms;
}

/**
 * Verifies an issuer right below a pinned root, without anything that it has issued.
 *
 * @param der its certificate
 * @throws ATTESTATION (CHAIN_NAME, CHAIN_CA, CHAIN_KEY_USAGE, SIGNATURE, NOT_YET_VALID, EXPIRED, REVOKED) and what reading a certificate throws
 */
export async function verifyIssuer(
  der: Uint8Array,
  { primitives, time, root, rootCrl, rsa }: IssuerOptions,
): Promise<Certificate> {
  const issuer = readCertificate(der, { rsa });
  if (!equal(issuer.issuer, root.subject)) throw refuse('CHAIN_NAME', 'the issuer is not one that the root has named');
  if (!issuer.isCa) throw refuse('CHAIN_CA', 'what should be an issuer must not issue certificates');
  if (((issuer.keyUsage ?? 0xffff) & KEY_USAGE.certSign) === 0) {
    throw refuse('CHAIN_KEY_USAGE', 'the issuer must not sign certificates');
  }
  checkPeriod(issuer.notBefore, issuer.notAfter, time, 'the issuer');
  await checkSignature(primitives, root.key, issuer, 'the issuer');
  checkNotRevoked(rootCrl, issuer);
  return issuer;
}

/** A root that is pinned, within its time. @throws ATTESTATION (ROOT, NOT_YET_VALID, EXPIRED) */
export function readRoot(roots: readonly Uint8Array[], der: Uint8Array | undefined, time: number, rsa?: RsaForms): Certificate {
  if (der === undefined || !roots.some((root) => equal(root, der)))
    throw refuse('ROOT', 'it does not end in a root that is pinned');
  const root = readCertificate(der, { rsa });
  checkPeriod(root.notBefore, root.notAfter, time, 'the root');
  return root;
}
