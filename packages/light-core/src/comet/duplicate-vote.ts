import {
  BLOCK_ID_FLAG,
  type BlockId,
  compare,
  concat,
  type DuplicateVoteEvidence,
  equal,
  PartSetHeader,
  PerigeeError,
  PRECOMMIT,
  type Timestamp,
  toHex,
  type Vote,
} from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import { type SigningValidator, totalPower } from './check-validators.ts';
import type { LightBlock } from './light-block.ts';
import { voteSignBytes } from './vote.ts';

/**
 * Evidence that a validator voted for two blocks of one height and round (CometBFT `types.NewDuplicateVoteEvidence`). Votes are put in the order
 * of their block ids, as full nodes ask for.
 *
 * @param time of the block of that height
 * @param validators of that height
 * @throws EVIDENCE, SIGNATURE when it is none (`verifyDuplicateVote`)
 */
export async function duplicateVote(
  votes: readonly [Vote, Vote],
  { chainId, validators, time, verifyEd25519 }: DuplicateVoteContext & { readonly time: Timestamp },
): Promise<DuplicateVoteEvidence> {
  const [voteA, voteB] = compare(keyOf(votes[0].blockId), keyOf(votes[1].blockId)) < 0 ? votes : [votes[1], votes[0]];
  const power = validators.find(({ address }) => equal(address, voteA.validatorAddress))?.votingPower ?? 0n;
  const evidence = { voteA, voteB, totalVotingPower: totalPower(validators), validatorPower: power, timestamp: time };
  await verifyDuplicateVote(evidence, { chainId, validators, verifyEd25519 });
  return evidence;
}

export interface DuplicateVoteContext {
  readonly chainId: string;
  /** Of the height of the votes. */
  readonly validators: readonly SigningValidator[];
  readonly verifyEd25519: VerifyEd25519;
}

/**
 * Judges evidence as full nodes do (CometBFT `evidence.VerifyDuplicateVote`); whether its time is that of the block is left to who knows it.
 *
 * @returns who voted twice
 * @throws EVIDENCE, SIGNATURE
 */
export async function verifyDuplicateVote(
  { voteA, voteB, totalVotingPower, validatorPower }: DuplicateVoteEvidence,
  { chainId, validators, verifyEd25519 }: DuplicateVoteContext,
): Promise<SigningValidator> {
  const refuse = (why: string): never => {
    throw new PerigeeError('EVIDENCE', `duplicate vote: ${why}`);
  };
  if (voteA === undefined || voteB === undefined) return refuse('a vote is missing');
  const { height, round, type, validatorAddress } = voteA;
  if (type !== PRECOMMIT && type !== PREVOTE) refuse(`votes are of type ${type}`);
  if (voteB.height !== height || voteB.round !== round || voteB.type !== type)
    refuse('the votes are not of one height, round and type');
  if (!equal(voteB.validatorAddress, validatorAddress)) refuse('the votes are not by one validator');
  if (compare(keyOf(voteA.blockId), keyOf(voteB.blockId)) >= 0) refuse('the votes are for one block, or in the wrong order');
  const validator = validators.find(({ address }) => equal(address, validatorAddress));
  if (validator === undefined) return refuse(`${toHex(validatorAddress)} was no validator of height ${height}`);
  if (validator.votingPower !== validatorPower) refuse(`the validator had power ${validator.votingPower}, not ${validatorPower}`);
  if (totalPower(validators) !== totalVotingPower) refuse(`the set had power ${totalPower(validators)}, not ${totalVotingPower}`);
  for (const vote of [voteA, voteB]) {
    const isNil = vote.blockId.hash.length === 0;
    const signed = voteSignBytes(chainId, { ...vote, blockId: isNil ? undefined : vote.blockId });
    if (!(await verifyEd25519(validator.publicKey, signed, vote.signature))) {
      throw new PerigeeError('SIGNATURE', `duplicate vote: a signature of ${toHex(validatorAddress)} is wrong`);
    }
  }
  return validator;
}

/** The vote of the validator at place `index` that a commit holds; `undefined` when it did not vote for the block. */
export function voteOf({ commit }: LightBlock, index: number): Vote | undefined {
  const signature = commit.signatures[index];
  if (signature?.blockIdFlag !== BLOCK_ID_FLAG.commit) return undefined;
  const { height, round, blockId } = commit;
  return {
    type: PRECOMMIT,
    height,
    round,
    blockId,
    timestamp: signature.timestamp,
    validatorAddress: signature.validatorAddress,
    validatorIndex: index,
    signature: signature.signature,
    extension: new Uint8Array(0),
    extensionSignature: new Uint8Array(0),
  };
}

/** SignedMsgType of a prevote. */
const PREVOTE = 1;

/** CometBFT `types.BlockID.Key`. */
function keyOf({ hash, partSetHeader }: BlockId): Uint8Array {
  return concat(hash, PartSetHeader.encode(partSetHeader));
}
