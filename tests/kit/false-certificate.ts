/** Certificates of what their signers never checked. */
import { randomBytes } from 'node:crypto';
import {
  assembleCertificate,
  type CanonicalCommittee,
  type CertificateTerms,
  certificateSignBytes,
} from '@perigee/light-core/da';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { blobIdOf, type Certificate, equal, utf8 } from '@perigee/wire';

/** What of a blob members are made to sign, though nobody has checked it. */
export type FalseTerms = Pick<CertificateTerms, 'blobId' | 'k' | 'n' | 'rowSize' | 'length' | 'rowRoot'>;

export interface FalseCertificateParts extends Pick<CertificateTerms, 'epoch' | 'expiryHeight' | 'publisher'> {
  readonly committee: CanonicalCommittee;
  readonly genesisHash: Uint8Array;
  readonly signers: readonly Ed25519Signer[];
}

export async function falseCertificate(terms: FalseTerms, parts: FalseCertificateParts): Promise<Certificate> {
  const { committee, genesisHash, signers, epoch, expiryHeight, publisher } = parts;
  const all: CertificateTerms = {
    ...terms,
    epoch,
    expiryHeight,
    publisher,
    namespace: utf8('false'),
    quorum: 0,
    persist: false,
    promiseId: randomBytes(32),
    committeeHash: committee.hash,
  };
  const message = certificateSignBytes(all, genesisHash);
  const signatures = new Map<number, Uint8Array>();
  for (const [place, { publicKey }] of committee.members.entries()) {
    const signer = signers.find((one) => equal(one.publicKey, publicKey));
    if (signer !== undefined) signatures.set(place, await signer.sign(message));
  }
  return assembleCertificate(all, committee, signatures);
}

/** Rows that were coded as `codec` says, as a false certificate names them. */
export function termsOf(
  blob: { commitment: Uint8Array; rowRoot: Uint8Array; k: number; n: number; rowSize: number },
  length: number,
): FalseTerms {
  const { commitment, rowRoot, k, n, rowSize } = blob;
  return { blobId: blobIdOf(commitment), rowRoot, k, n, rowSize, length };
}
