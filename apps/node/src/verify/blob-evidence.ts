import { parseTrustLink, parseTrustRoot } from '@perigee/light-core/comet';
import { type EvidenceFinding, type EvidenceOptions, verifyEvidence } from '@perigee/light-core/evidence';
import { bestEd25519 } from '@perigee/light-core/signature';
import { EVIDENCE_MAGIC, equal, keyText, MAX_EVIDENCE_BYTES, PerigeeError, toHex } from '@perigee/wire';
import { loadCodec } from '@perigee/workers/codec';
import type { Output } from '../cli/output.ts';
import { readTrustRootFile } from '../trust.ts';

export interface BlobEvidenceOptions {
  readonly chain: string | undefined;
  readonly trust: string | undefined;
  /** Time as of which it is judged, milliseconds since 1970. */
  readonly timeMs: number;
}

/** Whether a file says that it is evidence against a blob's signers. @param first its beginning */
export function isBlobEvidence(first: Uint8Array): boolean {
  return equal(first.subarray(0, EVIDENCE_MAGIC.length), EVIDENCE_MAGIC);
}

/** @throws EVIDENCE before a file is read that is longer than evidence is */
export function checkBlobEvidenceSize(path: string, size: number): void {
  if (size <= MAX_EVIDENCE_BYTES) return;
  throw new PerigeeError('EVIDENCE', `${path} has ${size} bytes; evidence has at most ${MAX_EVIDENCE_BYTES}`);
}

/** Judges evidence against the signers of a blob, and says what it proves. @throws what `verifyEvidence` throws; INVALID_ARGUMENT */
export async function judgeBlobEvidence(
  file: Uint8Array,
  { chain, trust, timeMs }: BlobEvidenceOptions,
  output: Output,
): Promise<void> {
  const finding = await verifyEvidence(file, {
    trustRoot: await anchorOf(chain, trust),
    now: timeMs,
    verifyEd25519: bestEd25519(crypto.subtle),
    codec: await loadCodec(),
  });
  output.result(plainFinding(finding), findingLines(finding));
}

async function anchorOf(
  chain: string | undefined,
  trust: string | undefined,
): Promise<EvidenceOptions<{ free(): void }>['trustRoot']> {
  if (trust === undefined) return parseTrustRoot(await readTrustRootFile(chain));
  if (chain === undefined) return parseTrustLink(trust);
  throw new PerigeeError('INVALID_ARGUMENT', '--trust and --chain both say what to believe: name one of them');
}
function plainFinding({ kind, blobId, chainId, height, signers, signedStake, foundAt }: EvidenceFinding): object {
  return {
    kind,
    blobId: toHex(blobId),
    chainId,
    height,
    signers: signers.map(({ address, stake }) => ({ address: toHex(address), stake: `${stake}` })),
    signedStake,
    foundAt,
  };
}

function findingLines({ kind, blobId, chainId, height, signers, signedStake, foundAt }: EvidenceFinding): string[] {
  const what =
    kind === 'badEncoding'
      ? 'a row that the commitment holds is not the one that the coding gives'
      : 'the commitment holds another row root than the one that was certified';
  return [
    `holds    ${kind}: ${what}`,
    `blob     ${toHex(blobId)}, recorded at height ${height} of ${chainId}`,
    `signed by ${signers.length} keys with ${(100 * signedStake).toFixed(1)} % of the stake:`,
    ...signers.map(({ address, stake }) => `         ${keyText(address)} (${stake})`),
    `found    ${new Date(foundAt).toISOString()}, as its finder says`,
  ];
}
