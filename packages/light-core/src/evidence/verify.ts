import {
  BlobRecord,
  type CommitteeMember,
  commitmentOf,
  type Evidence,
  equal,
  HeaderAnswer,
  PerigeeError,
  type Prime,
  type RowProof,
  toHex,
} from '@perigee/wire';
import type { TrustAnchor, VerifyOptions } from '../comet/index.ts';
import { checkCommittee, readSigners } from '../da/index.ts';
import { blobKey, STORE, verifyStateProof } from '../state/index.ts';
import { decodeEvidence } from './file.ts';
import { bareHeader, verifyHeaders } from './headers.ts';

/** What evidence needs of a codec; the one of `@perigee/wasm-codec` has it. */
export interface EvidenceCodec<Primed extends { free(): void }> {
  prime(input: {
    readonly commitment: Uint8Array;
    readonly rowRoot: Uint8Array;
    readonly rlcOriginal: Uint8Array;
    readonly k: number;
    readonly n: number;
    readonly rowSize: number;
  }): Primed;
  verifyRow(blob: Primed, proof: RowProof): void;
}

export interface EvidenceOptions<Primed extends { free(): void }> extends VerifyOptions {
  /** Of the chain that the evidence is about; the header that it names is the first in the evidence. */
  readonly trustRoot: TrustAnchor & { readonly genesisHash?: Uint8Array };
  readonly codec: EvidenceCodec<Primed>;
}

/** What was proved. */
export interface EvidenceFinding {
  /**
   * `badEncoding`: a row that the commitment holds is not the one that the coding gives. `badRowRoot`: the commitment holds another row root than the one
   * that was certified. Either way the signers promised what they cannot have checked.
   */
  readonly kind: 'badEncoding' | 'badRowRoot';
  readonly blobId: Uint8Array;
  readonly chainId: string;
  /** Of the block that recorded the certificate. */
  readonly height: number;
  /** Who signed the certificate. */
  readonly signers: readonly CommitteeMember[];
  /** Their share of the committee's stake, 0 to 1. */
  readonly signedStake: number;
  /** When it was found, milliseconds since 1970: the word of who found it, which nothing proves. */
  readonly foundAt: number;
}

/**
 * Judges a file of evidence without a network. All of its bytes but those of `foundAt` count: another byte anywhere else, and it is refused.
 *
 * @throws EVIDENCE when it does not prove what it says; UNKNOWN_VERSION, PARSE, NOT_CANONICAL; WRONG_CHAIN, TRUST_ROOT, TRUST_EXPIRED, and whatever
 *   the verification of headers and of the record's proof throws; COMMITTEE, CERTIFICATE, COMMITMENT_MISMATCH
 */
export async function verifyEvidence<Primed extends { free(): void }>(
  file: Uint8Array,
  options: EvidenceOptions<Primed>,
): Promise<EvidenceFinding> {
  const evidence = decodeEvidence(file);
  checkChain(evidence, options.trustRoot);
  const record = await provedRecord(evidence, options);
  const committee = checkCommittee(evidence.committee);
  if (!equal(committee.hash, record.committeeHash)) {
    throw new PerigeeError(
      'COMMITTEE',
      `the record names committee ${toHex(record.committeeHash)}, not ${toHex(committee.hash)}`,
    );
  }
  const kind = convict(evidence.prime, evidence.row, record, options.codec);
  const signers = readSigners(record.signers, committee.members.length).flatMap((place) => committee.members[place] ?? []);
  const signed = signers.reduce((sum, { stake }) => sum + stake, 0n);
  return {
    kind,
    blobId: record.blobId,
    chainId: evidence.chainId,
    height: record.height,
    signers,
    // six digits are more than anyone reads; the division itself is exact
    signedStake: Number((signed * 1_000_000n) / committee.totalStake) / 1_000_000,
    foundAt: evidence.foundAt,
  };
}

function checkChain({ chainId, genesisHash }: Evidence, root: TrustAnchor & { readonly genesisHash?: Uint8Array }): void {
  const isSame =
    chainId === root.chainId &&
    chainId.endsWith(`-${toHex(genesisHash.subarray(0, 4))}`) &&
    (root.genesisHash === undefined || equal(genesisHash, root.genesisHash));
  if (isSame) return;
  throw new PerigeeError('WRONG_CHAIN', `the evidence is of chain ${chainId}, and the trust root of ${root.chainId}`);
}

/** The blob's record, down from the trust root. */
async function provedRecord(evidence: Evidence, options: EvidenceOptions<{ free(): void }>): Promise<BlobRecord> {
  const { headers, record: proof, blobId } = evidence;
  const { all, last } = await verifyHeaders(options.trustRoot, headers, options);
  const bare = await Promise.all(all.map((block) => bareHeader(block, options.verifyEd25519)));
  if (!bare.every((header, i) => equal(HeaderAnswer.encode(header), HeaderAnswer.encode(headers[i] as HeaderAnswer)))) {
    throw new PerigeeError('EVIDENCE', 'a header holds bytes that nothing covers');
  }
  if (proof.height !== last.header.height - 1) {
    throw new PerigeeError(
      'PROOF',
      `the proof is of height ${proof.height}, and the last header proves ${last.header.height - 1}`,
    );
  }
  const { appHash } = last.header;
  const value = verifyStateProof(proof, { appHash, store: STORE.da, key: blobKey(blobId) });
  if (value === undefined) throw new PerigeeError('EVIDENCE', `the chain proves that it has no record of blob ${toHex(blobId)}`);
  const record = BlobRecord.decodeCanonical(value);
  if (!equal(record.blobId, blobId)) throw new PerigeeError('EVIDENCE', 'the record is of another blob than its key says');
  return record;
}

/** @throws EVIDENCE unless prime and row contradict the record */
function convict<Primed extends { free(): void }>(
  prime: Prime,
  row: RowProof | undefined,
  { blobId, rowRoot, k, n, rowSize }: BlobRecord,
  codec: EvidenceCodec<Primed>,
): EvidenceFinding['kind'] {
  const primed = codec.prime({ commitment: commitmentOf(blobId), ...prime, k, n, rowSize });
  try {
    const isOther = !equal(prime.rowRoot, rowRoot);
    if (isOther && row === undefined) return 'badRowRoot';
    if (isOther || row === undefined) {
      throw new PerigeeError(
        'EVIDENCE',
        isOther ? 'the row is of another row root than the record' : 'the evidence holds no row',
      );
    }
    codec.verifyRow(primed, row);
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'ROW_RLC') return 'badEncoding';
    throw error;
  } finally {
    primed.free();
  }
  throw new PerigeeError('EVIDENCE', `row ${row?.index} is coded as it should be`);
}
