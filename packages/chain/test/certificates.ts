/** Certificates of blobs that need not exist: the chain checks signatures, not rows. */
import { hash } from 'node:crypto';
import { assembleCertificate, blobGeometry, type CertificateTerms, certificateSignBytes } from '@perigee/light-core/da';
import { blobIdOf, type Certificate, equal } from '@perigee/wire';
import type { Genesis } from '../src/index.ts';
import { addressOf, MEMBERS, signerOf } from './devnet.ts';

function hashOf(text: string): Uint8Array {
  return Uint8Array.from(hash('sha256', text, 'buffer'));
}

/** Terms of a blob of 1,000 bytes at 4×, in epoch 0, until height 100. */
function termsOf({ committee }: Genesis, change: Partial<CertificateTerms> = {}): CertificateTerms {
  return {
    blobId: blobIdOf(hashOf('commitment')),
    ...blobGeometry(1_000, 4),
    length: 1_000,
    namespace: Uint8Array.of(1),
    quorum: 0,
    persist: false,
    expiryHeight: 100,
    rowRoot: hashOf('row root'),
    publisher: addressOf('alice'),
    promiseId: hashOf('promise'),
    epoch: 0,
    committeeHash: committee.hash,
    ...change,
  };
}

/** @param signers members that sign; all but one of the four unless given */
export async function certificateOf(
  genesis: Genesis,
  change: Partial<CertificateTerms> = {},
  signers: readonly string[] = MEMBERS.slice(0, 3),
): Promise<Certificate> {
  const terms = termsOf(genesis, change);
  const message = certificateSignBytes(terms, genesis.genesisHash);
  const signatures = new Map<number, Uint8Array>();
  for (const name of signers) {
    const place = genesis.committee.members.findIndex((member) => equal(member.address, addressOf(name)));
    signatures.set(place, await signerOf(name).sign(message));
  }
  return assembleCertificate(terms, genesis.committee, signatures);
}
