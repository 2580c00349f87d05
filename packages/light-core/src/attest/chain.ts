/** A chain of certificates up to a pinned root. Names, flags, lengths, periods and signatures all count; nothing is fetched or searched. */
import { equal, MAX_CHAIN_CERTIFICATES } from '@perigee/wire';
import { refuse } from './code.ts';
import type { AttestCrypto } from './crypto.ts';
import { checkSignature } from './signature.ts';
import { checkPeriod } from './time.ts';
import { type Certificate, KEY_USAGE, readCertificate } from './x509.ts';

/** A chain that was verified, leaf first, pinned root last. */
export type VerifiedChain = readonly [leaf: Certificate, issuer: Certificate, ...above: Certificate[]];

export interface ChainOptions {
  readonly crypto: AttestCrypto;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** DER of the certificates one of which the last of the chain must be, byte by byte. */
  readonly roots: readonly Uint8Array[];
  /** For sentences, such as `PCK`. */
  readonly what: string;
  /** Certificates with the root, where the format says how many. */
  readonly length?: number;
  /** Critical extensions that the caller acts on. */
  readonly understood?: readonly string[];
}

/**
 * @param certificates DER, leaf first, root last
 * @throws ATTESTATION (CHAIN_LENGTH, CHAIN_NAME, CHAIN_CA, CHAIN_PATH_LENGTH, CHAIN_KEY_USAGE, ROOT, SIGNATURE, NOT_YET_VALID, EXPIRED) and what
 *   reading a certificate throws
 */
export async function verifyChain(certificates: readonly Uint8Array[], options: ChainOptions): Promise<VerifiedChain> {
  const { what, length, roots, time } = options;
  const count = certificates.length;
  if (count < 2 || count > MAX_CHAIN_CERTIFICATES || (length !== undefined && count !== length)) {
    throw refuse(
      'CHAIN_LENGTH',
      `The ${what} chain has ${count} certificates, not ${length ?? `2 to ${MAX_CHAIN_CERTIFICATES}`}`,
    );
  }
  const last = certificates[count - 1] as Uint8Array;
  if (!roots.some((root) => equal(root, last))) throw refuse('ROOT', `The ${what} chain does not end in a root that is pinned`);
  const chain = certificates.map((der) => readCertificate(der, options.understood));
  for (const [i, certificate] of chain.entries()) {
    checkPlace(certificate, i, chain[i + 1], what);
    checkPeriod(certificate.notBefore, certificate.notAfter, time, `${placeOf(i, count)} of the ${what} chain`);
  }
  for (let i = 0; i + 1 < count; i++) {
    const [certificate, issuer] = [chain[i] as Certificate, chain[i + 1] as Certificate];
    await checkSignature(options.crypto, issuer.key, certificate, `${placeOf(i, count)} of the ${what} chain`);
  }
  return chain as unknown as VerifiedChain;
}

function checkPlace(certificate: Certificate, place: number, issuer: Certificate | undefined, what: string): void {
  if (place === 0) {
    if (certificate.isCa) throw refuse('CHAIN_CA', `The leaf of the ${what} chain is a certificate of an issuer`);
    if (certificate.keyUsage !== undefined && (certificate.keyUsage & KEY_USAGE.digitalSignature) === 0) {
      throw refuse('CHAIN_KEY_USAGE', `The leaf of the ${what} chain must not make signatures`);
    }
  } else {
    if (!certificate.isCa) throw refuse('CHAIN_CA', `Certificate ${place} of the ${what} chain must not issue others`);
    if (certificate.pathLength !== undefined && place - 1 > certificate.pathLength) {
      throw refuse(
        'CHAIN_PATH_LENGTH',
        `Certificate ${place} of the ${what} chain allows ${certificate.pathLength} issuers below it, not ${place - 1}`,
      );
    }
    if (certificate.keyUsage !== undefined && (certificate.keyUsage & KEY_USAGE.certSign) === 0) {
      throw refuse('CHAIN_KEY_USAGE', `Certificate ${place} of the ${what} chain must not sign certificates`);
    }
  }
  if (issuer !== undefined && !equal(certificate.issuer, issuer.subject)) {
    throw refuse('CHAIN_NAME', `Certificate ${place} of the ${what} chain names another issuer than the one above it`);
  }
}

function placeOf(place: number, count: number): string {
  return place === 0 ? 'the leaf' : place === count - 1 ? 'the root' : `certificate ${place}`;
}
