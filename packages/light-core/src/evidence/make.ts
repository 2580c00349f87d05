import type { Committee, HeaderAnswer, Prime, RowProof, StateProof } from '@perigee/wire';
import { EVIDENCE_VERSION } from '@perigee/wire';
import { encodeEvidence } from './file.ts';
import { bareHeader, verifyHeaders } from './headers.ts';
import { type EvidenceOptions, verifyEvidence } from './verify.ts';

/** What a client that found something has at hand. */
export interface EvidenceParts {
  /** As peers gave them, from that of the trust root on. */
  readonly headers: readonly HeaderAnswer[];
  readonly blobId: Uint8Array;
  /** Under the last header. */
  readonly record: StateProof;
  readonly committee: Committee;
  readonly prime: Prime;
  readonly row: RowProof | undefined;
  readonly foundAt: number;
}

/**
 * Makes a file of evidence, and judges it as a stranger would.
 *
 * @throws what `verifyEvidence` throws: NOT_ENOUGH_TRUST asks for headers between
 */
export async function makeEvidence<Primed extends { free(): void }>(
  { headers, row, ...parts }: EvidenceParts,
  options: EvidenceOptions<Primed> & { readonly trustRoot: { readonly genesisHash: Uint8Array } },
): Promise<Uint8Array> {
  const { chainId, genesisHash } = options.trustRoot;
  const { all } = await verifyHeaders(options.trustRoot, headers, options);
  const file = encodeEvidence({
    ...parts,
    ...(row === undefined ? {} : { row }),
    version: EVIDENCE_VERSION,
    chainId,
    genesisHash,
    headers: await Promise.all(all.map((block) => bareHeader(block, options.verifyEd25519))),
  });
  await verifyEvidence(file, options);
  return file;
}
