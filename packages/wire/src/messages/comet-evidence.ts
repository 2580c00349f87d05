/**
 * Evidence of misbehaviour as CometBFT v0.38 writes it (`tendermint.types`): what `evidence_hash` covers, what full nodes gossip and judge.
 */
import { MAX_VALIDATORS } from '../limits.ts';
import { bytes, embedded, type Infer, int53, int64, message, optional, repeated, uint32 } from '../proto/index.ts';
import { BlockId, LightBlock, Timestamp, Validator } from './comet.ts';

const ADDRESS = 20;
const SIGNATURE = 96;
/** CometBFT `types.MaxVoteExtensionSize`. */
const MAX_EXTENSION = 1024 * 1024;

export const Vote = message('Vote', {
  type: [1, uint32()],
  height: [2, int53()],
  round: [3, int53()],
  /** Empty in a vote for no block. */
  blockId: [4, embedded(BlockId)],
  timestamp: [5, embedded(Timestamp)],
  validatorAddress: [6, bytes(ADDRESS)],
  validatorIndex: [7, int53()],
  signature: [8, bytes(SIGNATURE)],
  extension: [9, bytes(MAX_EXTENSION)],
  extensionSignature: [10, bytes(SIGNATURE)],
});
export type Vote = Infer<typeof Vote>;

/** One validator voted for two blocks of one height and round. */
export const DuplicateVoteEvidence = message('DuplicateVoteEvidence', {
  voteA: [1, optional(embedded(Vote))],
  voteB: [2, optional(embedded(Vote))],
  totalVotingPower: [3, int64()],
  validatorPower: [4, int64()],
  /** Time of the block of that height. */
  timestamp: [5, embedded(Timestamp)],
});
export type DuplicateVoteEvidence = Infer<typeof DuplicateVoteEvidence>;

/** Validators signed a block that is not the chain's. */
export const LightClientAttackEvidence = message('LightClientAttackEvidence', {
  conflictingBlock: [1, optional(embedded(LightBlock))],
  commonHeight: [2, int53()],
  /** Power falling, then address rising; none where nobody can be named. */
  byzantineValidators: [3, repeated(embedded(Validator), MAX_VALIDATORS)],
  /** Of the set at the common height. */
  totalVotingPower: [4, int64()],
  /** Time of the block at the common height. */
  timestamp: [5, embedded(Timestamp)],
});
export type LightClientAttackEvidence = Infer<typeof LightClientAttackEvidence>;

/** `tendermint.types.Evidence`; exactly one of the fields is set. */
export const CometEvidence = message('CometEvidence', {
  duplicateVote: [1, optional(embedded(DuplicateVoteEvidence))],
  lightClientAttack: [2, optional(embedded(LightClientAttackEvidence))],
});
export type CometEvidence = Infer<typeof CometEvidence>;
