import { equal, type Header, type HeaderAnswer, type ValidatorSet } from '@perigee/wire';
import { type SigningValidator, totalPower } from './check-validators.ts';
import { checkLightBlock, type LightBlock } from './light-block.ts';
import { unverified } from './unverified.ts';

declare const verified: unique symbol;

/** A header that follows from the trust root. Only the functions of this folder make one. */
export interface VerifiedHeader {
  readonly [verified]: true;
  readonly header: Header;
  readonly headerHash: Uint8Array;
}

/** A light block that follows from the trust root. Plain data at run time: it crosses threads, and a typed channel keeps its type. */
export type VerifiedLightBlock = VerifiedHeader & LightBlock;

/** Only for the functions that have just verified their argument; not exported from this folder. */
export function markVerified<T extends { header: Header; headerHash: Uint8Array }>(value: T): T & VerifiedHeader {
  return value as T & VerifiedHeader;
}

/** The message form of a verified light block, to store it or to serve it. */
export function headerAnswerOf(block: VerifiedLightBlock): HeaderAnswer {
  const isSame = equal(block.header.validatorsHash, block.header.nextValidatorsHash);
  return {
    block: {
      signedHeader: { header: block.header, commit: block.commit },
      validatorSet: validatorSetOf(block.validators),
    },
    ...(isSame ? {} : { nextValidators: validatorSetOf(block.nextValidators) }),
  };
}

/** The message form of a set. */
export function validatorSetOf(validators: readonly SigningValidator[]): ValidatorSet {
  return {
    validators: validators.map(({ address, publicKey, votingPower }) => ({
      address,
      publicKey: { ed25519: publicKey },
      votingPower,
      proposerPriority: 0n,
    })),
    totalVotingPower: totalPower(validators),
  };
}

/**
 * Takes back what this program verified before and kept in its own store. Hashes are checked again, so that a damaged store is noticed;
 * signatures are not. Never give it anything that came from elsewhere.
 *
 * @throws HEADER, WRONG_CHAIN, VALIDATOR_SET, COMMIT, HEADER_HASH
 */
export function restoreVerified(stored: HeaderAnswer, chainId: string): VerifiedLightBlock {
  return markVerified(checkLightBlock(unverified(stored), chainId));
}
