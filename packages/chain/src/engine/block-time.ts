/** BFT time (CometBFT v0.38, specification "BFT time"): a header's time is what the validators said when they signed the block before. */
import { timestampOfMs, unixMs, unixNanos } from '@perigee/light-core/comet';
import { BLOCK_ID_FLAG, type Commit, PerigeeError, type Timestamp, type ValidatorSet } from '@perigee/wire';

/** A vote is at least this much later than the block it is for, so that time rises, milliseconds. */
const STEP_MS = 1;

/** The time that a validator puts on its vote for a block. */
export function voteTime(blockTime: Timestamp, nowMs: number): Timestamp {
  return timestampOfMs(Math.max(Math.floor(nowMs), unixMs(blockTime) + STEP_MS));
}

/** Median of the times of a commit, weighted by power: no third of the validators can move it. */
export function medianTime(commit: Commit, { validators }: ValidatorSet): Timestamp {
  const votes = commit.signatures.flatMap(({ blockIdFlag, timestamp }, i) => {
    const power = validators[i]?.votingPower;
    return blockIdFlag === BLOCK_ID_FLAG.absent || power === undefined ? [] : [{ timestamp, power, nanos: unixNanos(timestamp) }];
  });
  votes.sort((a, b) => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0));
  let left = votes.reduce((sum, { power }) => sum + power, 0n) / 2n;
  for (const { timestamp, power } of votes) {
    if (left <= power) return timestamp;
    left -= power;
  }
  throw new PerigeeError('COMMIT', `commit of height ${commit.height} has no vote with a time`);
}
