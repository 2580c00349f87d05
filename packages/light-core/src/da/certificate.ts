import {
  type BlobRecord,
  type Certificate,
  commitmentOf,
  concat,
  equal,
  PerigeeError,
  type PromiseBody,
  toHex,
  u8,
  u16le,
  u32le,
  u64le,
  utf8,
} from '@perigee/wire';
import { firstInvalid, type SignedMessage, type VerifyEd25519 } from '../signature/index.ts';
import type { CanonicalCommittee } from './committee.ts';
import { checkGeometry } from './geometry.ts';
import { checkPolicy, promiseIdOf } from './promise.ts';
import { requiredStake } from './quorum.ts';

const DOMAIN = utf8('perigee/da/cert/v0');

/** What every signer of a certificate signs, as fields. */
export type CertificateTerms = Omit<Certificate, 'signers' | 'signatures'>;

/** A certificate whose terms, signatures and quorum hold. */
export interface VerifiedCertificate {
  readonly certificate: Certificate;
  /** Places of the signers in the committee, ascending. */
  readonly signers: readonly number[];
  readonly signedStake: bigint;
}

/** The terms that a promise asks its committee to sign. */
export function certificateTerms(body: PromiseBody, rowRoot: Uint8Array, committee: CanonicalCommittee): CertificateTerms {
  const { publicKey: _key, maxFee: _fee, nonce: _nonce, genesisHash: _genesis, ...terms } = body;
  return { ...terms, rowRoot, promiseId: promiseIdOf(body), committeeHash: committee.hash };
}

/** The bytes under each signature, in the order of PROTOCOL §3; widths in `docs/protocol.md`. */
export function certificateSignBytes(terms: CertificateTerms, genesisHash: Uint8Array): Uint8Array {
  return concat(
    DOMAIN,
    genesisHash,
    u64le(terms.epoch),
    terms.committeeHash,
    terms.blobId,
    terms.rowRoot,
    u32le(terms.k),
    u32le(terms.n),
    u32le(terms.rowSize),
    u32le(terms.length),
    u8(terms.namespace.length),
    terms.namespace,
    u16le(terms.quorum),
    u8(terms.persist ? 1 : 0),
    terms.publisher,
    terms.promiseId,
    u64le(terms.expiryHeight),
  );
}

/**
 * Put a certificate together.
 *
 * @param signatures place of the member in the committee → its 64 bytes
 */
export function assembleCertificate(
  terms: CertificateTerms,
  committee: CanonicalCommittee,
  signatures: ReadonlyMap<number, Uint8Array>,
): Certificate {
  const order = [...signatures].sort(([a], [b]) => a - b);
  return {
    ...terms,
    signers: signerBitmap(
      order.map(([member]) => member),
      committee.members.length,
    ),
    signatures: order.map(([, signature]) => signature),
  };
}

/** What remains of a certificate in state once a block of `height` holds it. */
export function recordOf({ signatures: _signatures, ...kept }: Certificate, height: number): BlobRecord {
  return { ...kept, height };
}

/** Bit i, least significant first, says that member i signed. */
export function signerBitmap(signers: readonly number[], members: number): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(members / 8));
  for (const member of signers) bitmap[member >> 3] = (bitmap[member >> 3] ?? 0) | (1 << (member & 7));
  return bitmap;
}

/**
 * @returns places of the signers, ascending
 * @throws CERTIFICATE when the bitmap has another length than the committee asks for, or names a member that does not exist
 */
export function readSigners(bitmap: Uint8Array, members: number): number[] {
  const signers = Array.from({ length: 8 * bitmap.length }, (_, i) => i).filter((i) => ((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1);
  if (bitmap.length !== Math.ceil(members / 8) || (signers.at(-1) ?? 0) >= members) {
    throw new PerigeeError('CERTIFICATE', `${bitmap.length} bytes of signers do not fit a committee of ${members}`);
  }
  return signers;
}

/**
 * Check a certificate against the committee of its epoch: geometry, policy, committee hash, quorum, and every signature. That the
 * committee is the one of the epoch, and that the epoch and the expiry fit the height, is for the caller to know.
 *
 * @throws COMMITTEE, CERTIFICATE, QUORUM, SIGNATURE, BLOB_VERSION, BLOB_LENGTH, BLOB_GEOMETRY
 */
export async function verifyCertificate(
  certificate: Certificate,
  committee: CanonicalCommittee,
  { genesisHash, verifyEd25519 }: { readonly genesisHash: Uint8Array; readonly verifyEd25519: VerifyEd25519 },
): Promise<VerifiedCertificate> {
  const { verified, signed } = checkTerms(certificate, committee, genesisHash);
  const bad = await firstInvalid(verifyEd25519, signed);
  if (bad !== undefined) {
    throw new PerigeeError('SIGNATURE', `signature of member ${verified.signers[bad]} is not over this certificate`);
  }
  return verified;
}

/** All that can be known before a signature is looked at, cheapest first. */
function checkTerms(
  certificate: Certificate,
  committee: CanonicalCommittee,
  genesisHash: Uint8Array,
): { verified: VerifiedCertificate; signed: SignedMessage[] } {
  commitmentOf(certificate.blobId);
  checkGeometry(certificate);
  checkPolicy('CERTIFICATE', certificate);
  if (!equal(certificate.committeeHash, committee.hash)) {
    throw new PerigeeError(
      'COMMITTEE',
      `certificate is of committee ${toHex(certificate.committeeHash)}, not of ${toHex(committee.hash)}`,
    );
  }
  const signers = readSigners(certificate.signers, committee.members.length);
  if (signers.length !== certificate.signatures.length) {
    throw new PerigeeError('CERTIFICATE', `${signers.length} signers but ${certificate.signatures.length} signatures`);
  }
  const message = certificateSignBytes(certificate, genesisHash);
  let signedStake = 0n;
  const signed: SignedMessage[] = [];
  signers.forEach((place, i) => {
    const member = committee.members[place];
    const signature = certificate.signatures[i];
    if (member === undefined || signature === undefined) throw new PerigeeError('CERTIFICATE', `there is no signer ${place}`);
    signedStake += member.stake;
    signed.push({ publicKey: member.publicKey, message, signature });
  });
  const required = requiredStake(committee.totalStake, certificate);
  if (signedStake < required) {
    throw new PerigeeError('QUORUM', `signed stake is ${signedStake} of ${committee.totalStake}; ${required} is needed`);
  }
  return { verified: { certificate, signers, signedStake }, signed };
}
