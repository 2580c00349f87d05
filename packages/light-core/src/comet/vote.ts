import {
  BLOCK_ID_FLAG,
  type BlockId,
  CanonicalVote,
  type Commit,
  concat,
  PerigeeError,
  PRECOMMIT,
  type Timestamp,
  uvarint,
} from '@perigee/wire';

/** A vote; without `blockId` it is one for no block. */
export interface Precommit {
  /** SignedMsgType; a precommit unless it says otherwise. */
  readonly type?: number;
  readonly height: number;
  readonly round: number;
  readonly blockId?: BlockId | undefined;
  readonly timestamp: Timestamp;
}

/** What a validator signs: the length, then `CanonicalVote` (CometBFT `types.VoteSignBytes`). */
export function voteSignBytes(chainId: string, vote: Precommit): Uint8Array {
  const { type = PRECOMMIT, height, round, blockId, timestamp } = vote;
  const canonical = CanonicalVote.encode({ type, height, round, blockId, timestamp, chainId });
  return concat(uvarint(canonical.length), canonical);
}

/**
 * What signature `index` of a commit must cover; each has its own time, so no two are alike.
 *
 * @throws INVALID_ARGUMENT when that signature is absent
 */
export function commitSignBytes(chainId: string, commit: Commit, index: number): Uint8Array {
  const signature = commit.signatures[index];
  if (signature === undefined || signature.blockIdFlag === BLOCK_ID_FLAG.absent) {
    throw new PerigeeError('INVALID_ARGUMENT', `commit of height ${commit.height} has no signature ${index}`);
  }
  return voteSignBytes(chainId, {
    height: commit.height,
    round: commit.round,
    blockId: signature.blockIdFlag === BLOCK_ID_FLAG.commit ? commit.blockId : undefined,
    timestamp: signature.timestamp,
  });
}
