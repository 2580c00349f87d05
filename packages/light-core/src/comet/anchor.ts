import { equal, type HeaderAnswer, PerigeeError, toHex } from '@perigee/wire';
import { checkLightBlock } from './light-block.ts';
import { formatTime, unixNanos } from './time.ts';
import type { TrustAnchor } from './trust-root.ts';
import type { Unverified } from './unverified.ts';
import { markVerified, type VerifiedLightBlock } from './verified.ts';
import { checkNotExpired, checkNotFuture, checkOwnCommit, type VerifyOptions } from './verify.ts';

/**
 * The first verified light block: the one whose header the trust root names. Its own validators must have signed it, as CometBFT's light
 * client asks too, so that a root taken from a block that was never final is noticed.
 *
 * @param answer of any peer, for height `root.height`
 * @throws TRUST_EXPIRED the root is older than the trusting period
 * @throws TRUST_ROOT the block is not the one of the root: this peer does not have it, or the root is wrong
 * @throws WRONG_CHAIN, HEADER, HEADER_HASH, HEADER_FUTURE, VALIDATOR_SET, COMMIT, SIGNATURE, NOT_ENOUGH_POWER
 */
export async function anchor(
  root: TrustAnchor,
  answer: Unverified<HeaderAnswer>,
  options: Omit<VerifyOptions, 'trustLevel'>,
): Promise<VerifiedLightBlock> {
  if (root.time !== undefined) checkNotExpired(root.time, options);
  const block = checkLightBlock(answer, root.chainId, options.knownSets);
  const { header, headerHash } = block;
  if (header.height !== root.height || !equal(headerHash, root.headerHash)) {
    throw new PerigeeError(
      'TRUST_ROOT',
      `header ${header.height} with hash ${toHex(headerHash)} is not the trust root, header ${root.height} with hash ${toHex(root.headerHash)}`,
    );
  }
  if (root.time !== undefined && unixNanos(header.time) !== unixNanos(root.time)) {
    throw new PerigeeError(
      'TRUST_ROOT',
      `the trust root says ${formatTime(root.time)}, and its header is of ${formatTime(header.time)}`,
    );
  }
  checkNotExpired(header.time, options);
  checkNotFuture(header, options);
  await checkOwnCommit(block, new Set(), options.verifyEd25519);
  return markVerified(block);
}
