/** A chain of certificates up to a pinned root. Names, flags, lengths, periods and signatures all count; nothing is fetched or searched. */
import { equal, MAX_CHAIN_CERTIFICATES } from '@perigee/wire';
import { refuse } from './code.ts';
import type { AttestCrypto } from './crypto.ts';
import { checkSignature } from './signature.ts';
import { checkPeriod } from './time.ts';
import { type Certificate, type CertificateOptions, KEY_USAGE, readCertificate } from './x509.ts';

/** A chain that was verified, leaf first, pinned root last. */
export type VerifiedChain = readonly [leaf: Certificate, issuer: Certificate, ...above: Certificate[]];

export interface ChainOptions extends CertificateOptions {
  readonly crypto: AttestCrypto;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** DER of the certificates one of which the last of the chain must be, byte by byte. */
  readonly roots: readonly Uint8Array[];
  /** For sentences, such as `GPU`. */
  readonly what?: string;
  /** Certificates with the root, where the format says how many. */
  readonly length?: number;
}

/**
 * @param certificates DER, leaf first, root last
 * @throws ATTESTATION (CHAIN_LENGTH, CHAIN_NAME, CHAIN_CA, CHAIN_PATH_LENGTH, CHAIN_KEY_USAGE, ROOT, SIGNATURE, NOT_YET_VALID, EXPIRED) and what
 *   reading a certificate throws
 */
export async function verifyChain(certificates: readonly Uint8Array[], options: ChainOptions): Promise<VerifiedChain> {
  const { length, roots, time } = options;
  const what = options.what === undefined ? 'the chain' : `the ${options.what} chain`;
  const count = certificates.length;
  if (count < 2 || count > MAX_CHAIN_CERTIFICATES || (length !== undefined && count !== length)) {
    throw refuse('CHAIN_LENGTH', `${what} has ${count} certificates, not ${length ?? `2 to ${MAX_CHAIN_CERTIFICATES}`}`);
  }
  const last = certificates[count - 1] as Uint8Array;
  if (!roots.some((root) => equal(root, last))) throw refuse('ROOT', `${what} does not end in a root that is pinned`);
  const chain = certificates.map((der) => readCertificate(der, options));
  for (const [i, certificate] of chain.entries()) {
    checkPlace(certificate, i, chain[i + 1], nameOf(i, what));
    checkPeriod(certificate.notBefore, certificate.notAfter, time, nameOf(i, what));
  }
  for (let i = 0; i + 1 < count; i++) {
    await checkSignature(options.crypto, (chain[i + 1] as Certificate).key, chain[i] as Certificate, nameOf(i, what));
  }
  return chain as unknown as VerifiedChain;
}

function checkPlace(certificate: Certificate, place: number, issuer: Certificate | undefined, name: string): void {
  const { isCa, pathLength = Number.POSITIVE_INFINITY, keyUsage = 0xffff } = certificate;
  const isLeaf = place === 0;
  if (isCa === isLeaf) throw refuse('CHAIN_CA', `${name} ${isLeaf ? 'is one of an issuer' : 'must not issue others'}`);
  if (place - 1 > pathLength)
    throw refuse('CHAIN_PATH_LENGTH', `${name} allows ${pathLength} issuers below it, not ${place - 1}`);
  if ((keyUsage & (isLeaf ? KEY_USAGE.digitalSignature : KEY_USAGE.certSign)) === 0) {
    throw refuse('CHAIN_KEY_USAGE', `${name} must not sign ${isLeaf ? 'anything' : 'certificates'}`);
  }
  if (issuer !== undefined && !equal(certificate.issuer, issuer.subject)) {
    throw refuse('CHAIN_NAME', `${name} names another issuer than the one above it`);
  }
}

function nameOf(place: number, what: string): string {
  return `${place === 0 ? 'the leaf' : `certificate ${place}`} of ${what}`;
}
