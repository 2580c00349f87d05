import type { Block, ValidatorSet } from '@perigee/wire';
import type { FinalizeBlockRequest } from '../machine/index.ts';

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
  const votes = (lastCommit?.signatures ?? []).map(({ blockIdFlag, validatorAddress }, i) => ({
    validator: { address: validatorAddress, power: lastValidators.validators[i]?.votingPower ?? 0n },
    blockIdFlag,
  }));
  return {
    txs: data.txs,
    decidedLastCommit: { round: lastCommit?.round ?? 0, votes },
    misbehavior: [],
    hash,
    height: header.height,
    time: header.time,
    nextValidatorsHash: header.nextValidatorsHash,
    proposerAddress: header.proposerAddress,
  };
}
