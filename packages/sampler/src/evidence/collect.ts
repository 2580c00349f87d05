import type { TrustAnchor } from '@perigee/light-core/comet';
import type { CanonicalCommittee } from '@perigee/light-core/da';
import { blobKey, STORE } from '@perigee/light-core/state';
import { type BlobRecord, Committee, PerigeeError } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { BadEncoding } from '../blob/blob-sampler.ts';
import type { ChainFollower } from '../chain/chain-follower.ts';
import { wayTo } from '../chain/way-to.ts';
import type { Verifier } from '../verify/verifier.ts';

export interface CollectOptions {
  readonly trustRoot: TrustAnchor;
  readonly genesisHash: Uint8Array;
  readonly follower: ChainFollower;
  readonly verify: Pool<Verifier>;
  /** Local time, milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Puts together what convicts the signers of a blob before a stranger: the way from the trust root to the record, and what contradicts it.
 *
 * @returns a file that was verified as a stranger would
 * @throws UNPROVEN, UNREACHABLE when peers do not give what it takes; EVIDENCE; ABORTED
 */
export async function collectEvidence(
  { blobId }: BlobRecord,
  { members }: CanonicalCommittee,
  { prime, row }: BadEncoding,
  options: CollectOptions,
): Promise<Uint8Array> {
  const { trustRoot, genesisHash, follower, verify, now, signal } = options;
  const { height, proofs } = await follower.prove(STORE.da, [blobKey(blobId)], { signal });
  const [record] = proofs;
  if (record === undefined) throw new PerigeeError('UNPROVEN', 'the proof of the record is missing');
  const headers = await wayTo(height, options);
  const parts = { headers, record, committee: Committee.encode({ members }), blobId, prime, row, foundAt: now };
  return verify.run('evidence', { ...parts, trustRoot: { ...trustRoot, genesisHash }, now }, { signal });
}
