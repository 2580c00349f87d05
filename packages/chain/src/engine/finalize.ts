import type { Block, Commit, ValidatorSet } from '@perigee/wire';
import type { FinalizeBlockRequest, VoteInfo } from '../application/index.ts';

/**
 * What the state machine is told of a decided block.
 *
 * @param hash of the header
 * @param lastValidators of the block before, whose votes the block holds
 */
export function finalizeRequest(
  { header, data, lastCommit }: Block,
  hash: Uint8Array,
  lastValidators: ValidatorSet,
): FinalizeBlockRequest {
  return {
    txs: data.txs,
    decidedLastCommit: {
      round: lastCommit?.round ?? 0,
      votes: lastCommit === undefined ? [] : votesOf(lastCommit, lastValidators),
    },
    misbehavior: [],
    hash,
    height: header.height,
    time: header.time,
    nextValidatorsHash: header.nextValidatorsHash,
    proposerAddress: header.proposerAddress,
  };
}

/** Who signed a commit, as an application is told. */
export function votesOf({ signatures }: Commit, { validators }: ValidatorSet): VoteInfo[] {
  return signatures.map(({ blockIdFlag, validatorAddress }, i) => ({
    validator: { address: validatorAddress, power: validators[i]?.votingPower ?? 0n },
    blockIdFlag,
  }));
}
